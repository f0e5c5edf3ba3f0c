// Levels of emergence by mode: a scatter whose points show their mode.

const kMostWidth = 760, kLeastWidth = 320, kHeight = 440, kLeft = 64, kRight = 14, kTop = 16, kBottom = 50;
const scatter = {table: null, mode: 0, points: [], width: kMostWidth};

const kMeasures = {
  'emergence.csv': [['half_resolved', 'resolved variance R_k', 'R_k'], ['half_gain', 'gain u_kᵀJu_k', 'gain'],
    ['half_gain_relative', 'gain over its value at the least noise', 'relative gain']],
  'path_emergence.csv': [['energy', 'energy along the path', 'energy'],
    ['correlation', 'squared correlation with the image in the end', 'correlation²']],
};

function setUpEmergence() {
  scatter.name = tables.has('emergence.csv') ? 'emergence.csv' : 'path_emergence.csv';
  scatter.table = tables.get(scatter.name);
  const along = scatter.table.has('along') ? scatter.table.where({along: 'mode'}) : null;
  scatter.rows = along || scatter.table.rows.map((_, row) => row);
  if (modes.pictures && !modes.sheet) modes.sheet = new Sheet(modes.pictures, modes.pictures.channels);
  for (const [column, words] of kMeasures[scatter.name])
    if (scatter.table.has(`deep_${column}`) && scatter.rows.some((row) => scatter.table.text(row, `deep_${column}_censored`) !== 'not_computed'))
      option(byId('measure'), column, words);
  if (scatter.rows.length === 0 || byId('measure').options.length === 0) return;
  show('emergence');
  for (const [value, words] of [['frequency', 'frequency'], ['lambda', 'variance λ_k'], ['k', 'mode k']])
    option(byId('against'), value, words);
  for (const id of ['measure', 'against']) byId(id).addEventListener('change', drawScatter);
  byId('mode').max = scatter.rows.length - 1;
  byId('mode').value = 0;
  byId('mode').addEventListener('input', (event) => chooseMode(Number(event.target.value)));
  byId('scatter').addEventListener('pointermove', hoverScatter);
  byId('scatter').addEventListener('pointerdown', hoverScatter);
  byId('scatter-buttons').append(
    make('button', {type: 'button', text: 'CSV', 'aria-label': 'Emergence, CSV', onclick: saveScatterCsv}),
    make('button', {type: 'button', text: 'PNG', 'aria-label': 'Emergence, PNG', onclick: saveScatterPng}));
  listeners.push(drawScatter);
  new ResizeObserver(() => {
    if (Math.abs(Math.min(kMostWidth, byId('scatter').clientWidth) - scatter.width) > 1 && byId('scatter').clientWidth > kLeastWidth) drawScatter();
  }).observe(byId('scatter'));
  chooseMode(0);
}

// The last fall of a curve through 1/2, by interpolation over log sigma; null where it has none.
function lastFall(sigmas, values) {
  if (!values.every(known)) return {sigma: NaN, censored: 'no_crossing'};
  for (let s = sigmas.length - 2; s >= 0; --s)
    if (values[s] >= 0.5 && values[s + 1] < 0.5) {
      const t = (values[s] - 0.5) / (values[s] - values[s + 1]);
      return {sigma: Math.exp(Math.log(sigmas[s]) * (1 - t) + Math.log(sigmas[s + 1]) * t), censored: 'none'};
    }
  return {sigma: NaN, censored: values[values.length - 1] >= 0.5 ? 'above' : 'below'};
}

// Of the table, and of nulls from their curves.
function halfOf(who, measure, row) {
  const table = scatter.table;
  if (who === 'deep' || who === 'linear') {
    const column = `${who}_${measure}`;
    return {sigma: table.number(row, column), low: table.number(row, `${column}_low`),
      high: table.number(row, `${column}_high`), censored: table.text(row, `${column}_censored`)};
  }
  const curves = modes.curves[who][measure === 'half_resolved' ? 'resolved' : 'gain'];
  const k = table.number(row, 'k');
  if (!curves || measure === 'half_gain_relative' || k >= curves[0].length) return {sigma: NaN, censored: 'not_computed'};
  return {low: NaN, high: NaN, ...lastFall(modes.sigmas, curves.map((values) => values[k]))};
}

const scatterWho = () => (choice.denoiser === 'null' ? choice.null : 'deep');

function points(who) {
  const against = byId('against').value, measure = byId('measure').value;
  return scatter.rows.map((row, i) => ({mode: i, x: scatter.table.number(row, against), ...halfOf(who, measure, row)}))
    .map((p) => ({...p, x: against === 'k' ? p.x + 1 : p.x}));
}

function extent(values, log) {
  const good = values.filter((v) => known(v) && (!log || v > 0));
  if (good.length === 0) return [log ? 0.1 : 0, 1];
  const low = Math.min(...good), high = Math.max(...good);
  if (log) return [low / 1.25, high * 1.25];
  const room = 0.03 * (high - low || 1);
  return [low - room, high + room];
}

const svgElement = (tag, attributes, text) => {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  if (text !== undefined) element.textContent = text;
  return element;
};

function scales(all) {
  const logX = byId('against').value !== 'frequency';
  const [x0, x1] = extent(all.map((p) => p.x), logX);
  const [y0, y1] = extent(all.flatMap((p) => [p.sigma, p.low, p.high]).concat(cells ? cells.sigmas : []), true);
  const map = (v, from, to, log, a, b) => {
    const f = log ? Math.log : (u) => u;
    return a + ((f(v) - f(from)) / (f(to) - f(from))) * (b - a);
  };
  return {logX, x0, x1, y0, y1,
    x: (v) => map(v, x0, x1, logX, kLeft, scatter.width - kRight),
    y: (v) => map(v, y0, y1, true, kHeight - kBottom, kTop)};
}

function drawFrame(svg, s) {
  const soft = colour('--soft'), grid = colour('--grid'), font = {'font-size': 12, 'font-family': 'system-ui, DejaVu Sans, sans-serif'};
  for (const v of ticks(s.x0, s.x1, s.logX)) {
    svg.append(svgElement('line', {x1: s.x(v), x2: s.x(v), y1: kTop, y2: kHeight - kBottom, stroke: grid}));
    svg.append(svgElement('text', {x: s.x(v), y: kHeight - kBottom + 18, 'text-anchor': 'middle', fill: soft, ...font}, shown(v, 3)));
  }
  for (const v of ticks(s.y0, s.y1, true)) {
    svg.append(svgElement('line', {x1: kLeft, x2: scatter.width - kRight, y1: s.y(v), y2: s.y(v), stroke: grid}));
    svg.append(svgElement('text', {x: kLeft - 8, y: s.y(v) + 4, 'text-anchor': 'end', fill: soft, ...font}, shown(v, 3)));
  }
  const against = {frequency: 'frequency of u_k, cycles per image', lambda: 'variance λ_k', k: 'mode k + 1'}[byId('against').value];
  svg.append(svgElement('text', {x: (kLeft + scatter.width - kRight) / 2, y: kHeight - 10, 'text-anchor': 'middle', class: 'label', fill: soft, ...font}, against));
  svg.append(svgElement('text', {x: 0, y: 0, transform: `translate(16 ${(kTop + kHeight - kBottom) / 2}) rotate(-90)`,
    'text-anchor': 'middle', class: 'label', fill: soft, ...font}, 'noise level σ of one half'));
}

function drawPoint(svg, s, p, look) {
  const x = s.x(p.x);
  if (known(p.sigma)) {
    if (look.bars && known(p.low) && known(p.high) && p.low > 0)
      svg.append(svgElement('line', {x1: x, x2: x, y1: s.y(p.low), y2: s.y(p.high), stroke: look.colour, 'stroke-opacity': 0.45}));
    svg.append(svgElement('circle', {cx: x, cy: s.y(p.sigma), r: look.r, fill: look.fill, stroke: look.colour, 'data-mode': p.mode, class: look.name}));
  } else if (p.censored === 'above' || p.censored === 'below') {
    const up = p.censored === 'above', y = up ? kTop + 5 : kHeight - kBottom - 5, tip = up ? -5 : 5;
    svg.append(svgElement('path', {d: `M${x - 4} ${y}h8l-4 ${tip}z`, fill: look.fill, stroke: look.colour, 'data-mode': p.mode}));
  }
}

function drawScatter() {
  scatter.width = Math.max(kLeastWidth, Math.min(kMostWidth, byId('scatter').clientWidth || kMostWidth));
  const mine = points(scatterWho());
  const beside = choice.denoiser === 'null' || scatter.table.has(`linear_${byId('measure').value}`) ? points('linear') : [];
  const s = scales([...mine, ...beside].filter((p) => known(p.x)));
  const svg = svgElement('svg', {viewBox: `0 0 ${scatter.width} ${kHeight}`, role: 'img', xmlns: 'http://www.w3.org/2000/svg'});
  drawFrame(svg, s);
  if (cells) {
    const y = s.y(sigmaNow());
    svg.append(svgElement('line', {x1: kLeft, x2: scatter.width - kRight, y1: y, y2: y, stroke: colour('--soft'), 'stroke-dasharray': '5 4', id: 'level-line'}));
  }
  const front = choice.denoiser === 'linear' ? 'linear' : choice.denoiser;
  const looks = {
    linear: {name: 'linear', colour: colour('--linear'), r: front === 'linear' ? 3.4 : 2.6, fill: front === 'linear' ? colour('--linear') : 'none', bars: front === 'linear'},
    mine: {name: 'mine', colour: colour(front === 'null' ? '--null' : '--deep'), r: front === 'linear' ? 2.6 : 3.4,
      fill: front === 'linear' ? 'none' : colour(front === 'null' ? '--null' : '--deep'), bars: front !== 'linear'},
  };
  const layers = front === 'linear' ? [[mine, looks.mine], [beside, looks.linear]] : [[beside, looks.linear], [mine, looks.mine]];
  for (const [list, look] of layers) for (const p of list) if (known(p.x)) drawPoint(svg, s, p, look);
  scatter.points = (front === 'linear' ? beside : mine).map((p) => ({mode: p.mode, x: s.x(p.x),
    y: known(p.sigma) ? s.y(p.sigma) : p.censored === 'above' ? kTop : kHeight - kBottom})).filter((p) => known(p.x));
  scatter.ring = svgElement('circle', {r: 7, fill: 'none', stroke: colour('--ink'), 'stroke-width': 2, id: 'ring'});
  svg.append(scatter.ring);
  byId('scatter').replaceChildren(svg);
  describeScatter(svg, mine, beside, looks);
  placeRing();
}

function describeScatter(svg, mine, beside, looks) {
  const count = (list, how) => list.filter((p) => p.censored === how).length;
  const who = choice.denoiser === 'null' ? choice.null : 'denoiser';
  const lines = [[who, mine], ...(beside.length ? [['Wiener', beside]] : [])].map(([name, list]) => {
    const with_level = list.filter((p) => known(p.sigma)).length;
    return `${name}: ${with_level} of ${list.length} modes have a level`
      + (with_level < list.length ? ` (${count(list, 'above')} above all noise levels, ${count(list, 'below')} below, ${count(list, 'no_crossing')} without a crossing, ${count(list, 'not_computed')} not computed)` : '');
  });
  const now = cells ? sigmaNow() : NaN;
  if (known(now)) lines.push(`dashed: the chosen σ = ${sigmaText(now)}, which ${mine.filter((p) => p.sigma > now).length} of the ${who}’s lie above`);
  byId('censored').textContent = lines.join('; ') + '.';
  byId('emergence-hint').textContent = 'A point is a mode: the noise level at which it is half resolved, so that a high point emerges early. Bars are 95 % intervals over images; triangles at the border are censored levels. Point at one, or move the slider of modes, to see its picture.'
    + (choice.denoiser === 'null' ? ' Levels of a null are interpolated here from its curves in modes.npz and have no intervals.' : '');
  byId('scatter-legend').replaceChildren(...[[who, looks.mine], ...(beside.length ? [['Wiener', looks.linear]] : [])].map(([name, look]) => {
    const key = svgElement('svg', {viewBox: '0 0 26 10', 'aria-hidden': 'true'});
    key.append(svgElement('circle', {cx: 13, cy: 5, r: 4, fill: look.fill, stroke: look.colour}));
    return make('span', {}, key, name);
  }));
  svg.setAttribute('aria-label', `Scatter of levels of one half. ${lines.join('; ')}. The slider of modes reads them one by one.`);
}

function hoverScatter(event) {
  const box = byId('scatter').firstChild.getBoundingClientRect();
  const x = ((event.clientX - box.left) / box.width) * scatter.width, y = ((event.clientY - box.top) / box.height) * kHeight;
  let best = null, least = 40 ** 2;
  for (const p of scatter.points) {
    const distance = (p.x - x) ** 2 + (p.y - y) ** 2;
    if (distance < least) [least, best] = [distance, p];
  }
  if (best) chooseMode(best.mode);
}

function placeRing() {
  const p = scatter.points.find((one) => one.mode === scatter.mode);
  if (!scatter.ring) return;
  scatter.ring.setAttribute('visibility', p ? 'visible' : 'hidden');
  if (p) {
    scatter.ring.setAttribute('cx', p.x);
    scatter.ring.setAttribute('cy', p.y);
  }
}

const kCensored = {none: 'not computed', not_computed: 'not computed', above: 'above all σ', below: 'below all σ', no_crossing: 'no crossing'};

function levelCell(column, half) {
  const cell = make('td', {'data-column': column, 'data-value': known(half.sigma) ? half.sigma : half.censored});
  if (known(half.sigma)) cell.append(shown(half.sigma, 3));
  else cell.append(make('span', {class: 'absent-value', text: kCensored[half.censored] || 'not computed'}));
  if (known(half.sigma) && known(half.low))
    cell.append(make('span', {class: 'interval', text: `${shown(half.low, 3)} to ${shown(half.high, 3)}`}));
  return cell;
}

function showLevels(row) {
  const measures = [...byId('measure').options].map(({value}) => kMeasures[scatter.name].find(([column]) => column === value));
  const whos = [['deep', 'denoiser'], ['linear', 'Wiener']].filter(([who]) => scatter.table.has(`${who}_${measures[0][0]}`));
  const table = byId('mode-numbers');
  table.tHead.replaceChildren(make('tr', {}, make('th', {scope: 'col', text: 'of'}),
    ...whos.map(([, words]) => make('th', {scope: 'col', text: words}))));
  table.tBodies[0].replaceChildren(...measures.map(([column, , words]) => make('tr', {}, make('th', {scope: 'row', text: words}),
    ...whos.map(([who]) => levelCell(`${who}_${column}`, halfOf(who, column, row))))));
}

function chooseMode(mode) {
  scatter.mode = mode;
  const row = scatter.rows[mode], table = scatter.table, k = table.number(row, 'k');
  byId('mode').value = mode;
  byId('mode-value').textContent = String(k);
  byId('mode').setAttribute('aria-valuetext', `mode ${k}`);
  byId('mode-caption').textContent = `u_${k}: λ = ${shown(table.number(row, 'lambda'), 3)}, frequency ${shown(table.number(row, 'frequency'), 3)}`;
  const canvas = byId('mode-picture'), held = modes.sheet && k < modes.pictures.count;
  canvas.setAttribute('aria-label', held ? `PCA mode ${k}` : `PCA mode ${k}: the page holds no picture`);
  canvas.hidden = !held;
  if (held) modes.sheet.draw(canvas, Math.floor(k / modes.sheet.columns), k % modes.sheet.columns, 'vector');
  showLevels(row);
  placeRing();
}

function saveScatterCsv() {
  const who = choice.denoiser === 'linear' ? 'linear' : scatterWho();
  const rows = points(who).map((p) => [scatter.table.number(scatter.rows[p.mode], 'k'), p.x, known(p.sigma) ? p.sigma : 'nan',
    known(p.low) ? p.low : 'nan', known(p.high) ? p.high : 'nan', p.censored]);
  downloadText(`emergence_${who}.csv`, csvText(['k', byId('against').value === 'k' ? 'k + 1' : byId('against').value, 'sigma_half', 'low', 'high', 'censored'], rows));
}

function saveScatterPng() {
  const image = new Image();
  image.onload = () => {
    const canvas = make('canvas', {width: 2 * scatter.width, height: 2 * kHeight});
    canvas.getContext('2d').drawImage(image, 0, 0, canvas.width, canvas.height);
    downloadPng('emergence.png', canvas);
  };
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(new XMLSerializer().serializeToString(byId('scatter').firstChild))}`;
}
