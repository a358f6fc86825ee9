'use strict';
// node check_page.js FILE KIND CHROMIUM: opens FILE in the browser and runs the checks of its kind, one line each. Nothing of the
// network is there, and every message on the console is a failure. Ends with 1 when a check failed.
const path = require('node:path');
const { pathToFileURL } = require('node:url');
const { chromium } = require('playwright-core');
const { kinds, everyWordIsThereWithoutScript } = require('./page_checks.js');

const CHECK_MS = 180_000;

async function guarded(context, address, check) {
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);  // Other tests may have the machine; opensQuickly says how long it may take.
  const faults = [];
  page.on('console', (message) => { if (['error', 'warning'].includes(message.type())) faults.push(`console: ${message.text()}`); });
  page.on('pageerror', (error) => faults.push(`script: ${error.message}`));
  page.on('dialog', (dialog) => { faults.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
  await page.route('**/*', (route) => {
    if (route.request().url().startsWith('file:')) return route.continue();
    faults.push(`network: ${route.request().url()}`);
    return route.abort();
  });
  let timer;
  const late = new Promise((_, reject) => { timer = setTimeout(() => reject(new Error('takes too long')), CHECK_MS); });
  try {
    await page.goto(address);
    await Promise.race([check(page, address), late]);
  } catch (error) {
    faults.push(error.message);
  } finally {
    clearTimeout(timer);
    await page.close();
  }
  return faults;
}

async function main([file, kind, executablePath]) {
  const address = pathToFileURL(path.resolve(file)).href;
  // A browser that runs as root, or in a container, has no sandbox.
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
  let failed = 0;
  const run = async (context, check) => {
    const faults = await guarded(context, address, check);
    failed += faults.length ? 1 : 0;
    console.log(`${faults.length ? 'FAILED' : 'ok'} ${check.name}`);
    for (const fault of faults) console.log(`  ${fault}`);
  };
  try {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, offline: true });
    for (const check of kinds[kind]) await run(context, check);
    if (kind !== 'many') await run(await browser.newContext({ javaScriptEnabled: false, offline: true }), everyWordIsThereWithoutScript);
  } finally {
    await browser.close();
  }
  process.exitCode = failed ? 1 : 0;
}

main(process.argv.slice(2)).catch((error) => { console.log(error.stack); process.exitCode = 1; });
