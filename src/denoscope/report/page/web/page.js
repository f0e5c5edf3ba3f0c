// The whole page: sections that the run has, tables, theme, command.

const kRowsAtFirst = 200;
const sorting = {column: null, ascending: true, all: false};

function setUpTables() {
  if (tables.size === 0) return;
  show('tables');
  for (const name of tables.keys()) option(byId('table-name'), name, name);
  byId('table-name').addEventListener('change', () => {
    Object.assign(sorting, {column: null, ascending: true, all: false});
    showTable();
  });
  byId('table-more').addEventListener('click', () => {
    sorting.all = true;
    showTable();
  });
  byId('table-csv').addEventListener('click', () => {
    const table = tables.get(byId('table-name').value);
    downloadText(table.name, csvText(table.columns, table.rows));
  });
  showTable();
}

// Numbers by size, texts by letters, what is no number last.
function compare(a, b) {
  const x = toNumber(a), y = toNumber(b);
  if (Number.isNaN(x) && Number.isNaN(y)) {
    const lack = (text) => text === '' || text === 'nan';
    return lack(a) !== lack(b) ? (lack(a) ? 1 : -1) : a < b ? -1 : a > b ? 1 : 0;
  }
  if (Number.isNaN(x) || Number.isNaN(y)) return Number.isNaN(x) ? 1 : -1;
  return x - y;
}

function sortedRows(table) {
  const order = table.rows.map((_, row) => row);
  if (sorting.column === null) return order;
  const isLast = (text) => text === 'nan' || text === '';
  return order.sort((a, b) => {
    const x = table.rows[a][sorting.column], y = table.rows[b][sorting.column];
    const sign = sorting.ascending || isLast(x) || isLast(y) ? 1 : -1;
    return sign * compare(x, y) || a - b;
  });
}

function headerCell(name, i) {
  const sorted = sorting.column === i;
  return make('th', {scope: 'col', 'aria-sort': sorted ? (sorting.ascending ? 'ascending' : 'descending') : 'none'},
    make('button', {type: 'button', text: name + (sorted ? (sorting.ascending ? ' ▲' : ' ▼') : ''), onclick: () => {
      sorting.ascending = sorted ? !sorting.ascending : true;
      sorting.column = i;
      showTable();
      byId('table').tHead.rows[0].cells[i].firstChild.focus();
    }}));
}

function showTable() {
  const table = tables.get(byId('table-name').value);
  const rows = sortedRows(table), count = sorting.all ? rows.length : Math.min(rows.length, kRowsAtFirst);
  byId('table').tHead.replaceChildren(make('tr', {}, ...table.columns.map(headerCell)));
  byId('table').tBodies[0].replaceChildren(...rows.slice(0, count).map((row) => make('tr', {},
    ...table.rows[row].map((text) => {
      const value = toNumber(text), lacks = text === 'nan' || text === '';
      return make('td', {title: text, class: lacks ? 'absent-value' : false,
        text: lacks ? (text === 'nan' ? 'not computed' : '') : Number.isNaN(value) ? text : shown(value, 5)});
    }))));
  byId('table-hint').textContent = `${table.total} rows`
    + (table.rows.length < table.total ? `, of which this page holds ${table.rows.length}, evenly chosen; all are in ${table.name} of the run` : '')
    + (count < rows.length ? `; the first ${count} are shown` : '')
    + '. Rounded to 5 digits; point at a number for all of them.';
  byId('table-more').hidden = count === rows.length;
}

function setUpMade() {
  show('made');
  const command = byId('command');
  command.textContent = run.command || 'the run does not say';
  byId('copy').hidden = !run.command;
  byId('copy').addEventListener('click', copyCommand);
  byId('facts').tBodies[0].append(...run.facts.map(([name, value]) =>
    make('tr', {}, make('th', {scope: 'row', text: name}), make('td', {text: value}))));
}

async function copyCommand() {
  let done = false;
  try {
    await navigator.clipboard.writeText(run.command);
    done = true;
  } catch {
    getSelection().selectAllChildren(byId('command'));
    done = document.execCommand('copy');
  }
  byId('copied').textContent = done ? 'Copied.' : 'Selected: copy it with the keyboard.';
}

function setUpFigures() {
  const figures = [...document.querySelectorAll('#figures figure')];
  byId('figures').hidden = figures.length === 0;
  for (const figure of figures) {
    const image = figure.querySelector('img'), name = figure.dataset.name;
    image.alt = figure.querySelector('figcaption').textContent;
    figure.append(make('div', {class: 'buttons'}, make('button', {type: 'button', text: 'PNG', 'aria-label': `figure ${name}, PNG`, onclick: () => {
      const canvas = make('canvas', {width: image.naturalWidth, height: image.naturalHeight});
      canvas.getContext('2d').drawImage(image, 0, 0);
      downloadPng(`${name}.png`, canvas);
    }})));
  }
}

function setTheme(theme) {
  document.documentElement.dataset.theme = theme;
  byId('theme').textContent = theme === 'dark' ? 'Light' : 'Dark';
  byId('theme').setAttribute('aria-label', `${byId('theme').textContent} colours`);
  charts.forEach((chart) => chart.recolour());
  if (scatter.ring) drawScatter();
}

function setUpTheme() {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  byId('theme').hidden = false;
  setTheme(dark.matches ? 'dark' : 'light');
  dark.addEventListener('change', () => setTheme(dark.matches ? 'dark' : 'light'));
  byId('theme').addEventListener('click', () => setTheme(document.documentElement.dataset.theme === 'dark' ? 'light' : 'dark'));
  let before = null;
  addEventListener('beforeprint', () => {
    before = document.documentElement.dataset.theme;
    setTheme('light');
  });
  addEventListener('afterprint', () => setTheme(before));
}

function setUpSections() {
  for (const section of document.querySelectorAll('main > section[id]'))
    if (!section.hidden) byId('sections').append(make('a', {href: `#${section.id}`, text: section.querySelector('h2').textContent}));
}

setUpTheme();
setUpFigures();
if (cells) setUpCells();
if (paths) setUpPaths();
if (tables.has('emergence.csv') || tables.has('path_emergence.csv')) setUpEmergence();
setUpTables();
setUpMade();
setUpSections();
announce();
document.documentElement.dataset.ready = 'yes';
