'use strict';
// What all parts of the page share: the run's data, elements, numbers, tables, downloads.

const run = JSON.parse(document.getElementById('data').textContent);
const byId = (id) => document.getElementById(id);

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes))
    if (name === 'text') element.textContent = value;
    else if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (value !== false) element.setAttribute(name, value === true ? '' : value);
  element.append(...children);
  return element;
}

function show(id) {
  const section = byId(id);
  section.hidden = false;
  return section;
}

const toNumber = (text) => (text === null || text === undefined || text === '' ? NaN : Number(text));
const known = (value) => value !== null && Number.isFinite(value);
function shown(value, digits = 4) {
  return known(value) ? String(Number(value.toPrecision(digits)) || 0) : 'not computed';
}
const sigmaText = (sigma) => shown(sigma, 3);
const millionths = (sigma) => Math.round(sigma * 1e6);

function setNumber(cell, value, digits) {
  cell.textContent = shown(value, digits);
  cell.dataset.value = known(value) ? String(value) : 'nan';
  cell.classList.toggle('absent-value', !known(value));
}

// Of a table that the run has: its columns as numbers or texts.
class Table {
  constructor(data) {
    Object.assign(this, data);
    this.index = new Map(this.columns.map((name, i) => [name, i]));
  }
  has(column) { return this.index.has(column); }
  text(row, column) { return this.rows[row][this.index.get(column)]; }
  number(row, column) { return this.has(column) && row in this.rows ? toNumber(this.text(row, column)) : NaN; }
  numbers(column) { return this.rows.map((_, row) => this.number(row, column)); }
  where(tests) {
    return this.rows.map((_, row) => row)
      .filter((row) => Object.entries(tests).every(([column, text]) => this.text(row, column) === text));
  }
}
const tables = new Map(run.tables.map((data) => [data.name, new Table(data)]));

const quoted = (text) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
const csvText = (columns, rows) =>
  [columns, ...rows].map((row) => row.map((cell) => quoted(String(cell))).join(',')).join('\n') + '\n';

function download(name, href) {
  make('a', {href, download: name}).click();
}
function downloadText(name, text, type = 'text/csv') {
  const address = URL.createObjectURL(new Blob([text], {type}));
  download(name, address);
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}
function downloadPng(name, canvas) {
  const flat = make('canvas', {width: canvas.width, height: canvas.height});
  const context = flat.getContext('2d');
  context.fillStyle = colour('--paper');
  context.fillRect(0, 0, flat.width, flat.height);
  context.drawImage(canvas, 0, 0);
  download(name, flat.toDataURL('image/png'));
}

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

// A sheet of tiles, as soon as its picture is decoded.
class Sheet {
  constructor(data, channels) {
    Object.assign(this, data);
    this.channels = channels;
    this.image = new Image();
    this.image.src = data.src;
    this.ready = this.image.decode().catch(() => {});
  }
  // Draws a tile. A vector, whose 0 is gray, gets the colours of signs where it has one channel, a map
  // those of sizes.
  async draw(canvas, row, column, kind) {
    const turn = (canvas.turn = (canvas.turn || 0) + 1);
    await this.ready;
    if (canvas.turn !== turn) return;
    if (canvas.width !== this.width) canvas.width = this.width;
    if (canvas.height !== this.height) canvas.height = this.height;
    const context = canvas.getContext('2d', {willReadFrequently: true});
    context.drawImage(this.image, column * this.width, row * this.height, this.width, this.height,
      0, 0, this.width, this.height);
    const colours = {vector: kSignColours, map: kSizeColours}[kind];
    if (!colours || (kind === 'vector' && this.channels === 3)) return;
    const pixels = context.getImageData(0, 0, this.width, this.height);
    for (let i = 0; i < pixels.data.length; i += 4) pixels.data.set(colours[pixels.data[i]], i);
    context.putImageData(pixels, 0, 0);
  }
}

// The ends and steps of report/plots/palette.cpp.
const kSigns = [[5, 48, 97], [43, 123, 186], [146, 197, 222], [250, 250, 250], [244, 165, 130],
  [202, 60, 66], [103, 0, 31]];
const kSizes = [[68, 1, 84], [71, 44, 122], [59, 81, 139], [44, 113, 142], [33, 144, 141], [39, 173, 129],
  [92, 200, 99], [170, 220, 50], [253, 231, 37]];
const byGray = (steps) => Array.from({length: 256}, (_, value) => {
  const at = (value / 255) * (steps.length - 1);
  const left = Math.min(Math.floor(at), steps.length - 2);
  return steps[left].map((from, i) => Math.round(from + (at - left) * (steps[left + 1][i] - from)));
});
const kSignColours = byGray(kSigns), kSizeColours = byGray(kSizes);

function clearCanvas(canvas, like) {
  canvas.turn = (canvas.turn || 0) + 1;
  canvas.width = like.width;
  canvas.height = like.height;
}

// A slider with a button that plays it.
function player(slider, button, step) {
  let timer = null;
  const stop = () => {
    clearInterval(timer);
    timer = null;
    button.textContent = 'Play';
  };
  const next = () => {
    slider.value = Number(slider.value) >= Number(slider.max) ? slider.min : Number(slider.value) + 1;
    step();
  };
  button.addEventListener('click', () => {
    if (timer !== null) return stop();
    button.textContent = 'Pause';
    next();
    timer = setInterval(next, 800);
  });
  slider.addEventListener('input', () => {
    stop();
    step();
  });
}

function option(select, value, text) {
  select.append(make('option', {value, text}));
}
