// Cells: one slider, one image and one denoiser for all of its pictures, numbers and curves.

const kDenoiserNames = {deep: 'denoiser', linear: 'Wiener', null: 'null'};
const kScalars = [['mse', 'error per pixel'], ['sure', 'SURE of it'], ['calibration', 'σ² tr J / d'],
  ['trace', 'tr J'], ['asymmetry', 'asymmetry'], ['negative_mass', 'negative mass'],
  ['outside_mass', 'mass outside [0,1]'], ['effective_rank', 'effective rank'],
  ['homogeneity_defect', '|Jy−D|/|D|']];

const cells = run.cells;
const modes = run.modes || {};
const choice = {series: 0, stop: 0, denoiser: 'deep', null: null};
const listeners = [];  // called when the choice has changed
const announce = () => listeners.forEach((listener) => listener());

const chosenName = () => (choice.denoiser === 'null' ? choice.null : choice.denoiser);
const chosenColour = () => `--${choice.denoiser}`;
const chosenWords = () => (choice.denoiser === 'null' ? `null: ${choice.null}` : kDenoiserNames[choice.denoiser]);

function setUpCells() {
  show('cells');
  const channels = cells.shape[0];
  for (const series of cells.series)
    for (const part of ['clean', 'strip', 'vectors'])
      series[`${part}Sheet`] = new Sheet(series[part], channels);
  if (modes.pictures) modes.sheet = new Sheet(modes.pictures, modes.pictures.channels);
  if (run.kind === 'sample') byId('clean-caption').textContent = 'x, the end of the path';
  setUpSlider();
  setUpDenoisers();
  setUpImages();
  listeners.push(showPictures, showVectors, showNumbers);
  if (hasPlots) setUpCellCharts();
  else byId('spectrum-chart').parentElement.hidden = true;
}

function setUpSlider() {
  const slider = byId('noise');
  slider.max = cells.sigmas.length - 1;
  choice.stop = Math.floor(cells.sigmas.length / 2);
  slider.value = choice.stop;
  player(slider, byId('play'), () => {
    choice.stop = Number(slider.value);
    announce();
  });
  listeners.push(() => {
    const sigma = sigmaNow();
    byId('noise-value').textContent = sigmaText(sigma);
    slider.setAttribute('aria-valuetext', `sigma ${sigmaText(sigma)}`);
  });
}

function setUpDenoisers() {
  const available = ['deep', ...(cells.linear ? ['linear'] : []), ...((modes.nulls || []).length ? ['null'] : [])];
  for (const name of available) {
    const radio = make('input', {type: 'radio', name: 'denoiser', value: name, checked: name === 'deep'});
    radio.addEventListener('change', () => {
      choice.denoiser = name;
      byId('null-choice').hidden = name !== 'null';
      announce();
    });
    byId('denoisers').append(make('label', {}, radio, kDenoiserNames[name]));
  }
  for (const name of modes.nulls || []) option(byId('null'), name, name);
  choice.null = (modes.nulls || []).includes('shuffled') ? 'shuffled' : (modes.nulls || [null])[0];
  byId('null').value = choice.null;
  byId('null').addEventListener('change', (event) => {
    choice.null = event.target.value;
    announce();
  });
}

function setUpImages() {
  const draws = new Set(cells.series.map((series) => series.draw)).size > 1;
  cells.series.forEach((series, i) => {
    const radio = make('input', {type: 'radio', name: 'image', value: i, checked: i === 0});
    radio.addEventListener('change', () => {
      choice.series = i;
      announce();
    });
    const thumb = make('canvas', {'aria-hidden': 'true'});
    series.cleanSheet.draw(thumb, 0, 0, 'image');
    const name = draws ? `${series.image}, draw ${series.draw}` : String(series.image);
    byId('images').append(make('label', {title: `image ${name}`}, radio, thumb, make('span', {text: name})));
  });
}

const chosenSeries = () => cells.series[choice.series];
const level = () => chosenSeries().levels[choice.stop];
const sigmaNow = () => (level() ? level().sigma : cells.sigmas[choice.stop]);

function picture(id, sheet, row, column, present, words, kind = 'image') {
  const canvas = byId(id);
  canvas.classList.toggle('absent', !present);
  canvas.setAttribute('aria-label', present ? words : `${words}: not computed`);
  if (present) sheet.draw(canvas, row, column, kind);
  else clearCanvas(canvas, sheet);
}

function showPictures() {
  const series = chosenSeries(), now = level();
  const at = `image ${series.image}, sigma ${sigmaText(sigmaNow())}`;
  picture('clean', series.cleanSheet, 0, 0, series.levels.some((l) => l), `clean image ${series.image}`);
  picture('noisy', series.stripSheet, 0, choice.stop, Boolean(now), `noisy ${at}`);
  const row = {deep: 1, linear: 2, null: 0}[choice.denoiser];
  const kept = {deep: true, linear: now && now.linear, null: choice.null === 'identity'}[choice.denoiser];
  picture('denoised', series.stripSheet, row, choice.stop, Boolean(now) && Boolean(kept), `denoised by ${chosenWords()}, ${at}`);
  byId('denoised-caption').textContent = !now ? 'not computed'
    : kept ? `denoised, ${chosenWords()}` : `of ${chosenWords()} the run keeps no pictures`;
  showDeviation(series, now, at);
}

// What J claims not to know of each pixel, both denoisers on one scale.
function showDeviation(series, now, at) {
  const largest = now ? toNumber(now.largest_deviation) : NaN;
  const there = known(largest) && choice.denoiser !== 'null';
  picture('deviation', series.stripSheet, choice.denoiser === 'linear' ? 4 : 3, choice.stop, there,
    `standard deviation by J of ${chosenWords()}, ${at}`, 'map');
  byId('deviation-caption').textContent = there
    ? `standard deviation σ√J_ii, dark 0, bright ${shown(largest, 3)}` : 'standard deviation: not computed';
}

function showVectors() {
  const now = level();
  const linear = choice.denoiser === 'linear', none = choice.denoiser === 'null' || !now;
  const count = linear && modes.pictures ? Math.min(cells.vectors || 12, modes.pictures.count) : cells.vectors;
  byId('vectors-title').textContent = linear ? 'Eigenvectors of Wiener’s J: the PCA modes u_k' : 'Leading eigenvectors v_k of sym(J)';
  byId('vectors-hint').textContent = none
    ? (now ? `Of ${chosenWords()} the run keeps gains along PCA modes only, in the curves below.` : 'not computed')
    : `Largest eigenvalues of ${cells.d} at the left; each picture is scaled by its own largest entry, signs mean nothing. μ eigenvalue, f mean frequency in cycles per image.`;
  const host = byId('vectors');
  host.hidden = none;
  if (none) return;
  while (host.children.length > count) host.lastChild.remove();
  while (host.children.length < count)
    host.append(make('figure', {}, make('canvas', {role: 'img'}), make('figcaption')));
  const emergence = tables.get('emergence.csv');
  const ofMode = (k, column) => (emergence ? emergence.number(emergence.where({k: String(k)})[0], column) : NaN);
  [...host.children].forEach((figure, k) => {
    const lambda = ofMode(k, 'lambda');
    const mu = linear ? lambda / (lambda + now.sigma ** 2) : toNumber(now.mu[k]);
    const f = linear ? ofMode(k, 'frequency') : toNumber(now.frequency[k]);
    const canvas = figure.firstChild, columns = linear && modes.sheet ? modes.sheet.columns : 0;
    canvas.setAttribute('aria-label', `${linear ? 'u' : 'v'} ${k}, eigenvalue ${shown(mu, 3)}, frequency ${shown(f, 3)}`);
    figure.lastChild.textContent = `μ ${known(mu) ? shown(mu, 3) : '–'}\nf ${known(f) ? shown(f, 3) : '–'}`;
    figure.lastChild.dataset.mu = mu;
    if (linear && modes.sheet) modes.sheet.draw(canvas, Math.floor(k / columns), k % columns, 'vector');
    else chosenSeries().vectorsSheet.draw(canvas, choice.stop, k, 'vector');
  });
}

const summaryRows = new Map();
function summaryRow() {
  const table = tables.get('summary.csv');
  if (table && summaryRows.size === 0)
    table.rows.forEach((_, row) => summaryRows.set(
      [table.number(row, 'image'), table.number(row, 'draw'), millionths(table.number(row, 'sigma'))].join('/'), row));
  const series = chosenSeries();
  return summaryRows.get([series.image, series.draw, millionths(sigmaNow())].join('/'));
}

function scalar(name, prefix) {
  const row = summaryRow();
  if (row !== undefined) return tables.get('summary.csv').number(row, prefix + name);
  const now = level();
  return now && now.scalars ? toNumber(now.scalars[prefix + name]) : NaN;
}

function showNumbers() {
  const columns = [['', 'denoiser'], ...(cells.linear ? [['linear_', 'Wiener']] : [])];
  const table = byId('cell-numbers');
  table.tHead.replaceChildren(make('tr', {}, make('th', {scope: 'col', text: 'of J'}),
    ...columns.map(([, words]) => make('th', {scope: 'col', text: words}))));
  table.tBodies[0].replaceChildren(...kScalars.map(([name, words]) => {
    const row = make('tr', {'data-name': name}, make('th', {scope: 'row', text: words}));
    for (const [prefix] of columns) {
      const cell = make('td', {'data-column': prefix + name});
      setNumber(cell, scalar(name, prefix));
      row.append(cell);
    }
    return row;
  }));
}
