// Curves: uPlot with the page's colours, a legend that reads values back, and downloads.

const hasPlots = typeof uPlot === 'function';
const charts = [];

const kDashes = {solid: [], dashed: [7, 5], dotted: [2, 4]};

function legendKey(series) {
  const key = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  key.setAttribute('viewBox', '0 0 26 10');
  key.setAttribute('aria-hidden', 'true');
  const line = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  line.setAttribute('d', 'M0 5H26');
  line.setAttribute('stroke', colour(series.colour));
  line.setAttribute('stroke-width', series.width || 2);
  line.setAttribute('stroke-dasharray', kDashes[series.dash || 'solid'].join(' '));
  key.append(line);
  return key;
}

// Round numbers between two; of a logarithmic axis at 1, 2 and 5 where that is not too many.
function ticks(low, high, log) {
  const values = [];
  if (!log) {
    const steps = [-3, -2, -1, 0, 1, 2, 3].flatMap((e) => [1, 2, 5].map((m) => m * 10 ** e));
    const step = steps.find((s) => (high - low) / s <= 8) || (high - low) / 4;
    for (let i = Math.ceil(low / step); i * step <= high; ++i) values.push(i * step);
    return values;
  }
  const decades = Math.log10(high / low), apart = Math.max(1, Math.ceil(decades / 8));
  for (let e = Math.floor(Math.log10(low)); e <= Math.log10(high); ++e)
    for (const m of decades > 3 ? [1] : [1, 2, 5]) {
      const value = Number(`${m}e${e}`);
      if (value >= low && value <= high && (e % apart === 0 || m !== 1 || apart === 1)) values.push(value);
    }
  return values;
}

function axis(side, label, log) {
  return {
    side: side === 'x' ? 2 : 3,
    label,
    labelSize: 18,
    size: side === 'x' ? 34 : 54,
    stroke: colour('--soft'),
    font: '12px system-ui, "DejaVu Sans", sans-serif',
    labelFont: '12px system-ui, "DejaVu Sans", sans-serif',
    grid: {stroke: colour('--grid'), width: 1},
    ticks: {stroke: colour('--grid'), width: 1, size: 4},
    values: (_, splits) => splits.map((v) => (v === null ? '' : shown(v, 3))),
    ...(log ? {splits: (_, __, low, high) => ticks(low, high, true)} : {space: side === 'x' ? 55 : 36}),
  };
}

function scale(log, range) {
  const room = (_, low, high) =>
    log ? [low / 1.15, high * 1.15] : [low - 0.03 * (high - low), high + 0.03 * (high - low)];
  const fit = (_, low, high) => {
    const [from, to] = low === null ? [log ? 0.1 : 0, 1] : low === high ? [low - 0.5, high + 0.5] : [low, high];
    return range ? range(from, to) : room(_, from, to);
  };
  return {time: false, distr: log ? 3 : 1, range: fit};
}

// content: {x, series: [{label, values, low, high, colour, dash, width, points}], marker}
class Chart {
  constructor(id, options) {
    this.options = options;
    this.host = byId(id);
    this.name = id;
    this.legend = make('div', {class: 'legend'});
    this.plot = make('div', {class: 'plot', role: 'img'});
    this.host.append(
      make('h3', {text: this.host.dataset.title}), this.legend, this.plot,
      make('div', {class: 'buttons'},
        make('button', {type: 'button', text: 'CSV', 'aria-label': `${this.host.dataset.title}, CSV`, onclick: () => this.saveCsv()}),
        make('button', {type: 'button', text: 'PNG', 'aria-label': `${this.host.dataset.title}, PNG`, onclick: () => this.savePng()})));
    new ResizeObserver(() => this.fit()).observe(this.plot);
    charts.push(this);
  }

  update(content) {
    this.content = content;
    const keys = content.series.map((s) => s.label).join('|');
    const data = [content.x, ...content.series.map((s) => s.values.map((v) => this.drawable(v)))];
    if (this.uplot && this.keys === keys) {
      this.uplot.setData(data);
    } else {
      this.keys = keys;
      this.build(data);
    }
    this.read(null);
    this.plot.setAttribute('aria-label', this.description());
  }

  drawable(value) { return known(value) && !(this.options.yLog && value <= 0) ? value : null; }

  description() {
    const {x, series} = this.content;
    const ends = series.map((s) => {
      const first = s.values.findIndex(known), last = s.values.length - 1 - [...s.values].reverse().findIndex(known);
      return first < 0 ? `${s.label}: not computed`
        : `${s.label}: ${shown(s.values[first], 3)} at ${shown(x[first], 3)}, ${shown(s.values[last], 3)} at ${shown(x[last], 3)}`;
    });
    return `${this.host.dataset.title}, ${this.options.y} against ${this.options.x}. ${ends.join('; ')}`;
  }

  build(data) {
    if (this.uplot) this.uplot.destroy();
    const {options, content} = this;
    this.uplot = new uPlot({
      width: Math.max(this.plot.clientWidth, 200),
      height: 270,
      legend: {show: false},
      cursor: {drag: {x: false, y: false}, y: false},
      scales: {x: scale(options.xLog), y: scale(options.yLog, options.range)},
      axes: [axis('x', options.x, options.xLog), axis('y', options.y, options.yLog)],
      series: [{}, ...content.series.map((s) => ({
        stroke: () => colour(s.colour),
        width: s.width || 2,
        dash: kDashes[s.dash || 'solid'],
        points: {show: Boolean(s.points), size: 5, fill: colour(s.colour)},
        spanGaps: false,
      }))],
      hooks: {
        draw: [(u) => this.drawBars(u), (u) => this.drawMarker(u)],
        setCursor: [(u) => this.read(u.cursor.idx)],
      },
    }, data, this.plot);
  }

  drawBars(u) {
    for (const s of this.content.series) {
      if (!s.low) continue;
      u.ctx.save();
      u.ctx.strokeStyle = colour(s.colour);
      u.ctx.lineWidth = devicePixelRatio;
      this.content.x.forEach((x, i) => {
        if (this.drawable(s.low[i]) === null || this.drawable(s.high[i]) === null) return;
        const at = u.valToPos(x, 'x', true);
        u.ctx.beginPath();
        u.ctx.moveTo(at, u.valToPos(s.low[i], 'y', true));
        u.ctx.lineTo(at, u.valToPos(s.high[i], 'y', true));
        u.ctx.stroke();
      });
      u.ctx.restore();
    }
  }

  drawMarker(u) {
    if (!known(this.content.marker)) return;
    const at = u.valToPos(this.content.marker, 'x', true);
    if (at < u.bbox.left - 1 || at > u.bbox.left + u.bbox.width + 1) return;
    u.ctx.save();
    u.ctx.strokeStyle = colour('--soft');
    u.ctx.lineWidth = devicePixelRatio;
    u.ctx.setLineDash([4 * devicePixelRatio, 4 * devicePixelRatio]);
    u.ctx.beginPath();
    u.ctx.moveTo(at, u.bbox.top);
    u.ctx.lineTo(at, u.bbox.top + u.bbox.height);
    u.ctx.stroke();
    u.ctx.restore();
  }

  // The legend, with values under the pointer.
  read(index) {
    const at = known(index) ? index : null;
    this.legend.replaceChildren(...this.content.series.map((s) => make('span', {},
      legendKey(s), at === null ? s.label : `${s.label} ${shown(s.values[at], 3)}`)));
    if (at !== null)
      this.legend.append(make('span', {class: 'at', text: `${this.options.short || this.options.x} = ${shown(this.content.x[at], 3)}`}));
  }

  fit() {
    if (this.uplot && this.plot.clientWidth > 0 && this.uplot.width !== this.plot.clientWidth)
      this.uplot.setSize({width: this.plot.clientWidth, height: 270});
  }

  recolour() {
    if (!this.content) return;
    this.keys = null;
    this.update(this.content);
  }

  saveCsv() {
    const {x, series} = this.content;
    const columns = [this.options.short || this.options.x];
    for (const s of series) columns.push(s.label, ...(s.low ? [`${s.label} low`, `${s.label} high`] : []));
    const rows = x.map((value, i) => [value,
      ...series.flatMap((s) => [s.values[i], ...(s.low ? [s.low[i], s.high[i]] : [])].map((v) => (known(v) ? v : 'nan')))]);
    downloadText(`${this.name}.csv`, csvText(columns, rows));
  }

  savePng() { downloadPng(`${this.name}.png`, this.uplot.ctx.canvas); }
}

// Without uPlot the figures below show the curves.
function makeChart(id, options) {
  if (hasPlots) return new Chart(id, options);
  byId(id).parentElement.hidden = true;
  return {update() {}};
}
