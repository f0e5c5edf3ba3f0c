// The scripts of the page as the browser gets them, one text in the order of scripts.txt: names that
// nothing defines, that nothing uses, and that are read before they are there.
import {readFileSync} from 'node:fs';

const kWeb = new URL('../../src/denoscope/report/page/web/', import.meta.url);
const kGlobals = ['Blob', 'Image', 'ResizeObserver', 'URL', 'XMLSerializer', 'addEventListener', 'clearInterval',
  'devicePixelRatio', 'document', 'getComputedStyle', 'getSelection', 'matchMedia', 'navigator', 'setInterval', 'setTimeout',
  'uPlot'];  // of the browser, all that the page uses
const kRules = {'no-undef': 'error', 'no-unused-vars': 'error',
  'no-use-before-define': ['error', {functions: false, classes: false, variables: false}]};

const read = (name) => readFileSync(new URL(name, kWeb), 'utf8');
const lines = read('scripts.txt').trimEnd().split('\n').flatMap((file) =>
  read(file).trimEnd().split('\n').map((text, i) => ({place: `${file}:${i + 1}`, text})));

function messages(Linter, more) {
  const languageOptions = {sourceType: 'script', globals: Object.fromEntries(kGlobals.map((name) => [name, 'readonly']))};
  const text = lines.map((line) => line.text).concat(more).join('\n');
  return new Linter().verify(text, {languageOptions, rules: kRules})
    .map(({line, message}) => `${lines[line - 1]?.place ?? 'planted'}: ${message}`);
}

async function main() {
  const {Linter} = await import('eslint').catch(() => ({}));
  if (!Linter) return console.log('skip page_scripts: ESLint is not installed, run tools/setup --browser');
  const found = messages(Linter, []);
  console.log(found.length ? `FAIL page_scripts: ${found.join('; ')}` : 'ok page_scripts');
  const planted = messages(Linter, ['early();', 'let early = nowhere;', 'function idle() {}']);
  const caught = planted.length - found.length;
  console.log(caught === 3 ? 'ok page_scripts_planted' : `FAIL page_scripts_planted: caught ${caught} of 3`);
}

await main();
