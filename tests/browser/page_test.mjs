// The page of a run as a reader uses it: what it shows is held against the files of the run.
// DENOSCOPE: the program. DENOSCOPE_RUN: a finished run of analyze to look at; else one is made.
import {execFileSync, spawnSync} from 'node:child_process';
import {cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join, resolve} from 'node:path';
import {pathToFileURL} from 'node:url';

const kWidths = [1280, 768, 390], kThemes = ['light', 'dark'];
const kMostBytes = 5e6, kMostSeconds = 2;
const kPatience = 120000;  // milliseconds, on a machine that does other things

class Failure extends Error {}
function expect(condition, why) {
  if (!condition) throw new Failure(why);
}
function expectNear(found, wanted, what) {
  const same = Number.isNaN(wanted) ? Number.isNaN(found) : Math.abs(found - wanted) <= 1e-12 * Math.abs(wanted);
  expect(same, `${what}: expected ${wanted}, found ${found}`);
}

// Asked from here again and again: the policy of the page lets nothing in it be compiled from text.
async function until(page, predicate) {
  for (const end = Date.now() + kPatience; !(await page.evaluate(predicate));) {
    expect(Date.now() < end, `never came true: ${predicate}`);
    await page.waitForTimeout(50);
  }
}

// No field of the tables read here holds a comma or a quote.
function readCsv(path) {
  const [header, ...lines] = readFileSync(path, 'utf8').trimEnd().split('\n');
  const columns = header.split(',');
  return lines.map((line) => Object.fromEntries(line.split(',').map((text, i) => [columns[i], text])));
}

function chromiumPath() {
  return [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
    .find((path) => path && existsSync(path));
}

async function prerequisites() {
  const executablePath = chromiumPath();
  if (!executablePath) return {lack: 'Chromium is not installed'};
  try {
    const {chromium} = await import('playwright-core');
    const axe = readFileSync(new URL('node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');
    return {chromium, axe, executablePath};
  } catch {
    return {lack: 'playwright-core or axe-core is not installed'};
  }
}

class Desk {
  constructor(browser, axe, folder) {
    Object.assign(this, {browser, axe, folder});
    this.program = process.env.DENOSCOPE || resolve('../../build/release/tools/denoscope');
  }

  report(run, status = 0) {
    const outcome = spawnSync(this.program, ['report', run], {encoding: 'utf8'});
    expect(outcome.status === status, `report: exit code ${outcome.status}, expected ${status}: ${outcome.stderr}`);
    return outcome.stdout + outcome.stderr;
  }

  makeRun() {
    if (process.env.DENOSCOPE_RUN) {
      this.run = this.copy(process.env.DENOSCOPE_RUN, 'run');
      this.report(this.run);
      return;
    }
    this.run = join(this.folder, 'run');
    execFileSync(this.program, ['analyze', '--model', resolve('../../models/fashion-unet'), '--images', '0-1', '--sigmas',
      '0.05:5:log5', '--modes', '60', '--out', this.run], {stdio: 'pipe'});
  }

  copy(from, name) {
    const to = join(this.folder, name);
    cpSync(from, to, {recursive: true});
    return to;
  }

  // Opens a page; its trouble is what a reader would never see and must not be there.
  async open(run, {width = 1280, theme = 'light'} = {}) {
    const context = await this.browser.newContext({viewport: {width, height: 900}, colorScheme: theme, acceptDownloads: true});
    context.setDefaultTimeout(kPatience);
    const page = await context.newPage();
    page.trouble = [];
    page.on('console', (message) => message.type() === 'error' && page.trouble.push(message.text()));
    page.on('pageerror', (error) => page.trouble.push(String(error)));
    const address = pathToFileURL(join(run, 'report.html')).href;
    page.on('request', (request) => {
      const url = request.url();
      if (!url.startsWith('data:') && !url.startsWith('blob:') && url.split('#')[0] !== address) page.trouble.push(`request ${url}`);
    });
    // Time of the main thread alone: other work of the machine is not the page's.
    const session = await context.newCDPSession(page);
    await session.send('Performance.enable', {timeDomain: 'threadTicks'});
    await page.goto(address);
    await page.waitForSelector('html[data-ready=yes]');
    const {metrics} = await session.send('Performance.getMetrics');
    page.seconds = metrics.find(({name}) => name === 'TaskDuration').value;
    return page;
  }

  async violations(page) {
    // The policy of the page lets no script in but its own; the checker is injected past it.
    await page.evaluate(this.axe);
    const {violations} = await page.evaluate(() => window.axe.run(document));
    return violations.map((v) => `${v.id} (${v.nodes.length}): ${v.nodes[0].html.slice(0, 120)}`);
  }
}

const setStop = (page, stop) => page.$eval('#noise', (slider, value) => {
  slider.value = value;
  slider.dispatchEvent(new Event('input'));
}, String(stop));
const valueOf = (page, column) => page.$eval(`#cell-numbers [data-column="${column}"]`, (cell) => Number(cell.dataset.value));
const press = (page, selector) => page.$eval(selector, (input) => input.click());

function sigmasOf(run) {
  return [...new Set(readCsv(join(run, 'summary.csv')).map((row) => Number(row.sigma)))].sort((a, b) => a - b);
}

const tests = {
  async page_is_small_and_quick(desk) {
    const bytes = statSync(join(desk.run, 'report.html')).size;
    expect(bytes <= kMostBytes, `${bytes} bytes, expected at most ${kMostBytes}`);
    const page = await desk.open(desk.run);
    expect(page.seconds < kMostSeconds, `opened in ${page.seconds} s of its thread, expected below ${kMostSeconds}`);
    expect(page.trouble.length === 0, page.trouble.join('; '));
  },

  async findings_come_first(desk) {
    const page = await desk.open(desk.run);
    const first = await page.$eval('main > section[id]', (section) => section.id);
    expect(first === 'findings', `the first section is ${first}`);
    const told = await page.$eval('#findings', (section) => section.innerText);
    expect(/\d+ noise levels?, sigma/.test(told), `no extent of the run in: ${told.slice(0, 200)}`);
  },

  async slider_moves_numbers_as_in_the_table(desk) {
    const page = await desk.open(desk.run), rows = readCsv(join(desk.run, 'summary.csv'));
    const sigmas = sigmasOf(desk.run);
    for (const [stop, sigma] of sigmas.entries()) {
      await setStop(page, stop);
      const row = rows.find((r) => r.image === rows[0].image && r.draw === '0' && Number(r.sigma) === sigma);
      for (const column of ['mse', 'trace', 'asymmetry', 'negative_mass', 'linear_mse', 'linear_trace'])
        expectNear(await valueOf(page, column), Number(row[column]), `${column} at sigma ${sigma}`);
    }
    expect(page.trouble.length === 0, page.trouble.join('; '));
  },

  async slider_moves_pictures(desk) {
    const page = await desk.open(desk.run);
    const pixels = () => page.$$eval('#noisy, #denoised, #vectors canvas', (all) => all.map((canvas) => canvas.toDataURL()));
    const before = await pixels();
    await setStop(page, sigmasOf(desk.run).length - 1);
    let same = before.length;
    for (let tries = 0; same > 0 && tries < 50; ++tries) {
      await page.waitForTimeout(100);
      const after = await pixels();
      same = before.filter((picture, i) => picture === after[i]).length;
    }
    expect(before.length > 6 && same === 0, `${same} of ${before.length} pictures stayed the same`);
  },

  async deviation_is_shown_by_both_on_one_scale(desk) {
    const page = await desk.open(desk.run);
    const shown = async () => [
      await page.$eval('#deviation', (canvas) => canvas.toDataURL()), await page.textContent('#deviation-caption')];
    await until(page, () => document.getElementById('deviation').width !== 300);  // that of a canvas before anything is drawn
    const [map, caption] = await shown();
    const largest = /bright ([0-9.e-]+)$/.exec(caption);
    expect(largest && Number(largest[1]) > 0, `no scale in: ${caption}`);
    await press(page, '#denoisers input[value=linear]');
    let [other, same] = await shown();
    for (let tries = 0; other === map && tries < 50; ++tries) {
      await page.waitForTimeout(100);
      [other, same] = await shown();
    }
    expect(other !== map, 'Wiener has the same map');
    expect(same === caption, `another scale: ${same}`);
    await press(page, '#denoisers input[value=null]');
    expect(/not computed/.test(await page.textContent('#deviation-caption')), 'a null has a map');
  },

  async axes_have_numbers(desk) {
    const page = await desk.open(desk.run);
    const texts = await page.evaluate(() => charts.flatMap((chart) => chart.uplot.axes.flatMap((axis) => axis._values || [])));
    if (texts.length === 0) return 'this program was built without uPlot';
    const wrong = texts.filter((text) => text !== '' && !Number.isFinite(Number(text)));
    expect(wrong.length === 0, `at an axis: ${wrong.join(', ')}`);
    expect(texts.filter((text) => text !== '').length > 8, `only ${texts.join(', ')}`);
  },

  async image_is_picked(desk) {
    const page = await desk.open(desk.run), rows = readCsv(join(desk.run, 'summary.csv'));
    const images = [...new Set(rows.map((row) => row.image))], last = images[images.length - 1];
    await setStop(page, 1);
    await press(page, `#images label:nth-of-type(${images.length}) input`);
    const row = rows.find((r) => r.image === last && r.draw === '0' && Number(r.sigma) === sigmasOf(desk.run)[1]);
    expectNear(await valueOf(page, 'mse'), Number(row.mse), `mse of image ${last}`);
    const label = await page.getAttribute('#clean', 'aria-label');
    expect(label === `clean image ${last}`, `the clean picture is called ${label}`);
  },

  async toggle_shows_wiener_and_nulls(desk) {
    const page = await desk.open(desk.run), modes = readCsv(join(desk.run, 'emergence.csv'));
    await setStop(page, 2);
    await press(page, '#denoisers input[value=linear]');
    const sigma = sigmasOf(desk.run)[2], lambda = Number(modes[0].lambda);
    const mu = await page.$eval('#vectors figcaption', (caption) => Number(caption.dataset.mu));
    expectNear(mu, lambda / (lambda + sigma ** 2), 'the first eigenvalue of Wiener');
    await press(page, '#denoisers input[value=null]');
    expect(/null/.test(await page.textContent('#denoised-caption')), 'no null is named');
    expect(await page.isVisible('#null-choice'), 'nulls cannot be chosen');
    expect(page.trouble.length === 0, page.trouble.join('; '));
  },

  async levels_of_a_null_agree_with_statistics(desk) {
    const page = await desk.open(desk.run);
    await press(page, '#denoisers input[value=null]');
    for (const row of readCsv(join(desk.run, 'statistics.csv')).filter((r) => r.measure === 'resolved' && r.denoiser !== 'deep' && r.denoiser !== 'linear')) {
      await page.selectOption('#null', row.denoiser);
      const text = await page.textContent('#censored');
      expect(text.startsWith(`${row.denoiser}: ${row.modes} of`), `statistics.csv has ${row.modes} modes of ${row.denoiser}, the page: ${text}`);
    }
  },

  async hovering_a_point_shows_its_mode(desk) {
    const page = await desk.open(desk.run), modes = readCsv(join(desk.run, 'emergence.csv'));
    const point = page.locator('#scatter circle.mine[data-mode="3"]');
    await point.scrollIntoViewIfNeeded();
    const box = await point.boundingBox();
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    expect((await page.textContent('#mode-value')) === '3', `mode ${await page.textContent('#mode-value')} is shown, expected 3`);
    const level = await page.$eval('#mode-numbers [data-column=deep_half_resolved]', (cell) => cell.dataset.value);
    expectNear(Number(level), Number(modes[3].deep_half_resolved), 'sigma_half of mode 3');
    await until(page, () => {
      const canvas = document.getElementById('mode-picture');
      return new Set(canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data).size > 20;
    });
  },

  async keyboard_is_enough(desk) {
    const page = await desk.open(desk.run);
    await page.focus('#noise');
    const before = await page.inputValue('#noise');
    await page.keyboard.press('ArrowRight');
    expect(Number(await page.inputValue('#noise')) === Number(before) + 1, 'an arrow does not move the slider of noise');
    await page.focus('#mode');
    await page.keyboard.press('ArrowRight');
    expect((await page.textContent('#mode-value')) === '1', 'an arrow does not move the slider of modes');
    await page.focus('#denoisers input');
    await page.keyboard.press('ArrowRight');
    expect(await page.isChecked('#denoisers input[value=linear]'), 'an arrow does not change the denoiser');
    await page.focus('#table th:nth-child(4) button');
    await page.keyboard.press('Enter');
    expect((await page.getAttribute('#table th:nth-child(4)', 'aria-sort')) === 'ascending', 'Enter does not sort');
  },

  async play_moves_the_slider(desk) {
    const page = await desk.open(desk.run);
    await setStop(page, 0);
    await page.click('#play');
    await until(page, () => Number(document.getElementById('noise').value) >= 2);
    await page.click('#play');
    const stop = await page.inputValue('#noise');
    await page.waitForTimeout(1000);
    expect((await page.inputValue('#noise')) === stop, 'Pause does not stop it');
  },

  async table_sorts_and_downloads(desk) {
    const page = await desk.open(desk.run), rows = readCsv(join(desk.run, 'summary.csv'));
    const least = rows.map((row) => row.mse).sort((a, b) => Number(a) - Number(b));
    await page.click('#table th:nth-child(4) button');
    const title = () => page.getAttribute('#table tbody tr:first-child td:nth-child(4)', 'title');
    expect((await title()) === least[0], `the first mse is ${await title()}, expected ${least[0]}`);
    await page.click('#table th:nth-child(4) button');
    expect((await title()) === least[least.length - 1], `the first falling mse is ${await title()}`);
    const [file] = await Promise.all([page.waitForEvent('download'), page.click('#table-csv')]);
    expect(readFileSync(await file.path(), 'utf8') === readFileSync(join(desk.run, 'summary.csv'), 'utf8'), 'summary.csv is another than the one of the run');
  },

  async curves_download(desk) {
    const page = await desk.open(desk.run);
    if (await page.isHidden('#spectrum-chart')) return 'this program was built without uPlot';
    const [csv] = await Promise.all([page.waitForEvent('download'), page.click('#spectrum-chart button:text("CSV")')]);
    expect(/^"?index k \+ 1"?,denoiser/.test(readFileSync(await csv.path(), 'utf8')), 'no header in the CSV of the spectrum');
    const [png] = await Promise.all([page.waitForEvent('download'), page.click('#spectrum-chart button:text("PNG")')]);
    expect(readFileSync(await png.path()).subarray(1, 4).toString() === 'PNG', 'no PNG of the spectrum');
    const [scatter] = await Promise.all([page.waitForEvent('download'), page.click('#scatter-buttons button:text("PNG")')]);
    expect(readFileSync(await scatter.path()).subarray(1, 4).toString() === 'PNG', 'no PNG of the scatter');
    expect(page.trouble.length === 0, page.trouble.join('; '));
  },

  async command_is_copied(desk) {
    const page = await desk.open(desk.run);
    const command = JSON.parse(readFileSync(join(desk.run, 'run.json'), 'utf8')).command;
    expect((await page.textContent('#command')) === command, 'another command is shown');
    await page.click('#copy');
    await until(page, () => document.getElementById('copied').textContent !== '');
  },

  async hostile_texts_stay_texts(desk) {
    const run = desk.copy(desk.run, 'hostile'), path = join(run, 'run.json');
    const manifest = JSON.parse(readFileSync(path, 'utf8'));
    const hostile = '</script><script>window.planted = 1</script><!-- <img src=x onerror="window.planted = 2"> {{data}} \u2028';
    manifest.identity.model.name = hostile;
    manifest.command = hostile;
    writeFileSync(path, JSON.stringify(manifest));
    desk.report(run);
    const page = await desk.open(run);
    expect((await page.evaluate(() => window.planted)) === undefined, 'a text of the manifest ran');
    expect((await page.textContent('#command')) === hostile, 'the command is not what the manifest says');
    expect((await page.textContent('h1')).startsWith('</script>'), 'the title is not what the manifest says');
    expect(page.trouble.length === 0, page.trouble.join('; '));
  },

  async figures_show_the_curves_without_uplot(desk) {
    const bare = desk.copy(desk.run, 'bare'), path = join(bare, 'report.html');
    const html = readFileSync(path, 'utf8'), library = html.indexOf('uPlot=function');
    if (library < 0) return 'this program was built without uPlot';
    const begin = html.lastIndexOf('<script>', library) + 8, end = html.indexOf('</script>', library);
    writeFileSync(path, html.slice(0, begin) + html.slice(end));
    const page = await desk.open(bare);
    expect(await page.isHidden('#spectrum-chart'), 'there is room for curves that nothing draws');
    expect(await page.isVisible('figure[data-name=eigenvalues] img'), 'no figure of the spectrum');
    expect(await page.isVisible('#scatter canvas, #scatter svg'), 'no scatter');
  },

  async half_done_run_opens(desk) {
    const run = desk.copy(desk.run, 'half'), path = join(run, 'run.json');
    const manifest = JSON.parse(readFileSync(path, 'utf8'));
    manifest.status = 'unfinished';
    writeFileSync(path, JSON.stringify(manifest));
    const cells = readdirSync(join(run, 'cells')).filter((name) => name.startsWith('img-')).sort();
    const kept = Math.ceil(cells.length / 3);
    for (const name of cells.slice(kept)) rmSync(join(run, 'cells', name));
    truncateSync(join(run, 'cells', cells[0]), 1000);
    for (const name of ['summary.csv', 'emergence.csv', 'modes.npz', 'levels.csv', 'statistics.csv']) rmSync(join(run, name));
    expect(/report\.html/.test(desk.report(run, 1)), 'the page is not named');
    const page = await desk.open(run);
    const notes = await page.textContent('.notes');
    expect(notes.includes(`${kept} of ${cells.length}`), `the notes do not count cells: ${notes}`);
    expect(notes.includes('cell left out'), `the notes do not tell of the broken cell: ${notes}`);
    const images = await page.$$('#images label');
    await press(page, `#images label:nth-of-type(${images.length}) input`);
    expect((await page.textContent('#denoised-caption')) === 'not computed', 'a cell that is missing is not marked');
    expect(page.trouble.length === 0, page.trouble.join('; '));
  },

  async another_version_opens(desk) {
    const run = desk.copy(desk.run, 'version'), path = join(run, 'run.json');
    const manifest = JSON.parse(readFileSync(path, 'utf8'));
    manifest.version = 99;
    writeFileSync(path, JSON.stringify(manifest));
    desk.report(run, 1);
    const page = await desk.open(run);
    expect(/format version 99/.test(await page.textContent('.notes')), 'the version is not told');
    expect(await page.isVisible('#tables'), 'its tables are not shown');
    expect(page.trouble.length === 0, page.trouble.join('; '));
  },
};

for (const width of kWidths)
  for (const theme of kThemes)
    tests[`page_at_${width}_${theme}`] = async (desk) => {
      const page = await desk.open(desk.run, {width, theme});
      const colour = await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
      expect((colour === 'rgb(255, 255, 255)') === (theme === 'light'), `the background is ${colour}`);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      expect(wide <= width, `the page is ${wide} wide`);
      const violations = await desk.violations(page);
      expect(violations.length === 0, `not accessible: ${violations.join('; ')}`);
      expect(page.trouble.length === 0, page.trouble.join('; '));
      if (!process.env.SCREENSHOTS) return;
      const picture = (part) => join(process.env.SCREENSHOTS, `${part}-${width}-${theme}.png`);
      await page.screenshot({path: picture('page'), fullPage: true});
      await page.setViewportSize({width, height: 4000});  // nothing scrolled, so that nothing floats
      await (await page.$('#cells')).screenshot({path: picture('cells')});
    };

async function runTest(desk, name) {
  try {
    const skipped = await tests[name](desk);
    console.log(skipped ? `skip ${name}: ${skipped}` : `ok ${name}`);
  } catch (error) {
    console.log(`FAIL ${name}: ${(error instanceof Failure ? error.message : String(error)).replaceAll('\n', ' ')}`);
  }
  for (const context of desk.browser.contexts()) await context.close();
}

async function main() {
  const {lack, chromium, axe, executablePath} = await prerequisites();
  if (lack) return console.log(`skip page: ${lack}, run tools/setup --browser`);
  const folder = mkdtempSync(join(tmpdir(), 'denoscope-page-'));
  const browser = await chromium.launch({executablePath, args: ['--no-sandbox']});
  try {
    const desk = new Desk(browser, axe, folder);
    desk.makeRun();
    const only = process.argv[2];
    for (const name of Object.keys(tests)) if (!only || name.includes(only)) await runTest(desk, name);
  } catch (error) {
    console.log(`FAIL page: ${String(error).replaceAll('\n', ' ')}`);
  } finally {
    await browser.close();
    rmSync(folder, {recursive: true, force: true});
  }
}

await main();
console.log('end');
