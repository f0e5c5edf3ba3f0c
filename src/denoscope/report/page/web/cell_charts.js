// The curves of a cell and of its noise level.

const modesIndex = () => (modes.sigmas || []).findIndex((sigma) => millionths(sigma) === millionths(sigmaNow()));

function setUpCellCharts() {
  const plots = {
    spectrum: makeChart('spectrum-chart', {x: 'index k + 1', y: 'eigenvalue μ', xLog: true}),
    bands: makeChart('bands-chart', {x: 'frequency f, cycles per image', short: 'f', y: 'gain bᵀJb'}),
    modes: makeChart('modes-chart', {x: 'PCA mode k + 1, most variance first', short: 'k + 1', y: 'share', xLog: true,
      range: (low, high) => [Math.max(Math.min(low, 0), -0.6) - 0.03, Math.min(Math.max(high, 1), 2) + 0.05]}),
    error: makeChart('error-chart', {x: 'noise level σ', short: 'σ', y: 'error per pixel', xLog: true, yLog: true}),
  };
  const draw = {spectrum: spectrumCurves(), bands: bandCurves(), modes: modeCurves(), error: errorCurves()};
  for (const [name, content] of Object.entries(draw))
    if (!content) byId(`${name}-chart`).hidden = true;
  const contents = {spectrum: spectrumCurves, bands: bandCurves, modes: modeCurves, error: errorCurves};
  listeners.push(() => {
    for (const [name, content] of Object.entries(contents))
      if (!byId(`${name}-chart`).hidden) plots[name].update(content());
  });
}

// The series of the chosen denoiser is the wide one.
function curve(who, label, values, more = {}) {
  const mine = choice.denoiser === who;
  return {label, values, colour: `--${who}`, width: mine ? 2.6 : 1.5, dash: who === 'linear' ? 'dashed' : 'solid', ...more};
}

const blank = (list) => (list || []).map(() => NaN);

function spectrumCurves() {
  const x = cells.spectrum_k.map((k) => k + 1), now = level();
  const linear = cells.linear && cells.linear[choice.stop];
  const sigma = sigmaNow();
  const series = [curve('deep', 'denoiser', now ? now.spectrum : blank(x))];
  if (cells.linear) series.push(curve('linear', 'Wiener', linear ? linear.spectrum : blank(x)));
  if (cells.lambda)
    series.push({label: 'λ/(λ+σ²)', colour: '--theory', width: 1, dash: 'dotted',
      values: cells.lambda.map((lambda) => (known(lambda) ? lambda / (lambda + sigma ** 2) : NaN))});
  return {x, series};
}

function bandCurves() {
  if (!cells.band_centre || cells.band_centre.length < 2) return null;
  const now = level(), linear = cells.linear && cells.linear[choice.stop];
  const groups = Math.max(1, cells.band_groups || 1), bands = cells.band_centre.length / groups;
  const whole = Number.isInteger(bands) && groups > 1;
  const size = whole ? bands : cells.band_centre.length;
  const x = cells.band_centre.slice(0, size);
  const parts = now && now.bands.length > size ? [['luma', 0], ['chroma', size]] : [['', 0]];
  const series = [];
  for (const [part, from] of parts) {
    const take = (source) => (source ? source.bands.slice(from, from + size) : blank(x));
    const more = part === 'chroma' ? {dash: 'dotted'} : {};
    series.push(curve('deep', `denoiser ${part}`.trim(), take(now), {points: true, ...more}));
    if (cells.linear) series.push(curve('linear', `Wiener ${part}`.trim(), take(linear), more));
  }
  return {x, series};
}

// Resolved variance over held-out images of the chosen denoiser and Wiener, and the chosen one's gain.
function modeCurves() {
  if (!modes.curves) return null;
  const index = modesIndex(), name = chosenName();
  const of = (who, what) => modes.curves[who] && modes.curves[who][what] && index >= 0 ? modes.curves[who][what][index] : null;
  const any = Object.values(modes.curves.deep).find((lists) => lists);
  if (!any) return null;
  const x = any[0].map((_, k) => k + 1);
  const values = (who, what) => of(who, what) || blank(x);
  const series = [];
  const measure = modes.curves.deep.resolved ? 'resolved' : 'gain';
  const words = measure === 'resolved' ? 'R_k' : 'gain';
  for (const who of ['deep', 'linear'])
    if (modes.curves[who][measure])
      series.push(curve(who, `${words} ${kDenoiserNames[who]}`, values(who, measure)));
  if (choice.denoiser === 'null')
    series.push(curve('null', `${words} ${name}`, values(name, measure)));
  if (measure === 'resolved' && modes.curves[name].gain)
    series.push({label: `gain ${choice.denoiser === 'null' ? name : kDenoiserNames[choice.denoiser]}`, values: values(name, 'gain'),
      colour: chosenColour(), width: 1.2, dash: 'dotted'});
  return {x, series};
}

// Over held-out images with standard errors; without an evaluation of the chosen image alone.
function errorCurves() {
  const table = tables.get('levels.csv');
  const marker = sigmaNow();
  if (table && table.has('mse') && table.numbers('mse').some(known)) {
    const x = table.numbers('sigma'), mse = table.numbers('mse'), error = table.numbers('mse_error');
    const series = [curve('deep', 'denoiser', mse, {points: true, low: mse.map((v, i) => v - error[i]), high: mse.map((v, i) => v + error[i])})];
    if (table.numbers('linear_mse').some(known)) series.push(curve('linear', 'Wiener', table.numbers('linear_mse')));
    series.push({label: 'noisy, σ²', values: x.map((sigma) => sigma ** 2), colour: '--noisy', width: 1, dash: 'dotted'});
    return {x, series, marker};
  }
  const summary = tables.get('summary.csv');
  if (!summary) return null;
  const series = chosenSeries();
  const rows = summary.where({image: String(series.image), draw: String(series.draw)});
  if (rows.length < 2) return null;
  const take = (column) => rows.map((row) => summary.number(row, column));
  return {x: take('sigma'), marker, series: [curve('deep', 'denoiser, this image', take('mse'), {points: true}),
    curve('linear', 'Wiener, this image', take('linear_mse'))].filter((s) => s.values.some(known))};
}
