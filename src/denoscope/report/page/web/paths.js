// Paths of a sampling run: states of a few samples, and curves over the states of all.

const kPathRows = [['deep_noisy', 'x_t'], ['deep_denoised', 'D(x_t)'], ['linear_noisy', 'x_t, Wiener'], ['linear_denoised', 'Wiener']];
const paths = run.paths;
const walk = {at: 0};

function setUpPaths() {
  show('paths');
  const rows = kPathRows.filter(([name]) => paths.sheets[name]);
  const host = byId('samples');
  host.append(make('div', {}, make('span', {class: 'name', text: 'sample'}),
    ...paths.samples.map((s) => make('span', {class: 'sample', text: s.whole ? String(s.number) : `${s.number}, not whole`}))));
  for (const [name, words] of rows) {
    const sheet = new Sheet(paths.sheets[name]);
    const canvases = paths.samples.map(() => make('canvas', {role: 'img'}));
    host.append(make('div', {'data-name': name}, make('span', {class: 'name', text: words}), ...canvases));
    listeners.push(() => canvases.forEach((canvas, b) => {
      sheet.draw(canvas, b, walk.at, 'image');
      canvas.setAttribute('aria-label', `${words} of sample ${paths.samples[b].number}, state ${paths.states[walk.at]}`);
    }));
  }
  const slider = byId('state');
  slider.max = paths.states.length - 1;
  slider.value = 0;
  player(slider, byId('paths-play'), () => {
    walk.at = Number(slider.value);
    announce();
  });
  listeners.push(showState);
  if (hasPlots && tables.has('steps.csv')) setUpSteps();
  else {
    byId('steps-chart').parentElement.hidden = true;
    byId('steps-quantity').parentElement.hidden = true;
  }
}

const stateSigma = () => {
  const good = paths.sigmas[walk.at].filter(known);
  return good.length ? good.reduce((a, b) => a + b) / good.length : NaN;
};

function showState() {
  const text = `${paths.states[walk.at]}, σ ${known(stateSigma()) ? sigmaText(stateSigma()) : 'not reached'}`;
  byId('state-value').textContent = text;
  byId('state').setAttribute('aria-valuetext', `state ${text}`);
}

function setUpSteps() {
  const table = tables.get('steps.csv'), select = byId('steps-quantity');
  for (const column of table.columns)
    if (!['process', 'state', 'sigma'].includes(column) && !column.endsWith('_error') && !column.endsWith('_expected')
      && table.numbers(column).some(known))
      option(select, column, column);
  select.value = table.has('diversity') ? 'diversity' : select.options[0].value;
  const chart = makeChart('steps-chart', {x: 'state', y: 'value'});
  const update = () => {
    const column = select.value, series = [];
    const rows = table.where({process: 'deep'});
    for (const [process, words] of [['deep', 'denoiser'], ['linear', 'Wiener']]) {
      const own = table.where({process});
      if (own.length === 0) continue;
      const values = own.map((row) => table.number(row, column)), error = own.map((row) => table.number(row, `${column}_error`));
      const bars = error.some(known) ? {low: values.map((v, i) => v - error[i]), high: values.map((v, i) => v + error[i])} : {};
      series.push({label: `${column}, ${words}`, values, colour: process === 'deep' ? '--deep' : '--linear', dash: process === 'deep' ? 'solid' : 'dashed', ...bars});
      if (process === 'deep' && table.has(`${column}_expected`))
        series.push({label: 'of as many noisy data', values: own.map((row) => table.number(row, `${column}_expected`)), colour: '--noisy', width: 1, dash: 'dotted'});
    }
    chart.update({x: rows.map((row) => table.number(row, 'state')), series, marker: paths.states[walk.at]});
  };
  select.addEventListener('change', update);
  listeners.push(update);
}
