'use strict';
// node check_pages.js CHROMIUM: starts the browser, and for each line `KIND FILE` of its input opens FILE and runs the checks of
// KIND: a line for each, then `passed` or `failed`. One browser for all pages, since it takes longer to start than a page to be
// looked at. Nothing of the network is there, and every message on the console is a failure.
const path = require('node:path');
const readline = require('node:readline');
const { pathToFileURL } = require('node:url');
const { chromium } = require('playwright-core');
const { kinds, everyWordIsThereWithoutScript } = require('./page_checks.js');

const CHECK_MS = 180_000;

/** A page that notes what a quiet one does not do. */
async function watched(context) {
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);  // Other tests may have the machine; opensQuickly says how long it may take.
  const tab = { page, faults: [], first: page.viewportSize() };
  page.on('console', (message) => { if (['error', 'warning'].includes(message.type())) tab.faults.push(`console: ${message.text()}`); });
  page.on('pageerror', (error) => tab.faults.push(`script: ${error.message}`));
  page.on('dialog', (dialog) => { tab.faults.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
  await page.route('**/*', (route) => {
    if (route.request().url().startsWith('file:')) return route.continue();
    tab.faults.push(`network: ${route.request().url()}`);
    return route.abort();
  });
  return tab;
}

/** Loads the page anew and as a first reader sees it: what a check before has changed is gone. */
async function guarded(tab, address, check) {
  const { page } = tab;
  tab.faults = [];
  let timer;
  const late = new Promise((_, reject) => { timer = setTimeout(() => reject(new Error('takes too long')), CHECK_MS); });
  const whole = async () => {
    await page.goto('about:blank');
    await page.emulateMedia({ media: null, colorScheme: null });
    await page.setViewportSize(tab.first);
    await page.goto(address);
    await check(page, address);
  };
  try {
    await Promise.race([whole(), late]);
  } catch (error) {
    tab.faults.push(error.message);
  } finally {
    clearTimeout(timer);
  }
  return tab.faults;
}

/** The number of checks that failed. */
async function failures(browser, kind, file) {
  const address = pathToFileURL(path.resolve(file)).href;
  let failed = 0;
  const run = async (options, checks) => {
    const context = await browser.newContext({ offline: true, ...options });
    const tab = await watched(context);
    for (const check of checks) {
      const faults = await guarded(tab, address, check);
      failed += faults.length ? 1 : 0;
      console.log(`${faults.length ? 'FAILED' : 'ok'} ${check.name}`);
      for (const fault of faults) console.log(`  ${fault.replaceAll('\n', '\n  ')}`);
    }
    await context.close();
  };
  await run({ viewport: { width: 1280, height: 900 } }, kinds[kind]);
  if (kind !== 'many') await run({ javaScriptEnabled: false }, [everyWordIsThereWithoutScript]);
  return failed;
}

async function main([executablePath]) {
  // A browser that runs as root, or in a container, has no sandbox.
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const [kind, file] = line.split(/ (.*)/);
    console.log(await failures(browser, kind, file) ? 'failed' : 'passed');
  }
  await browser.close();
}

main(process.argv.slice(2)).catch((error) => { console.log(error.stack); process.exitCode = 1; });
