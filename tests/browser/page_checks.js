'use strict';
// What must hold when a person opens a report page. Each check gets a fresh page of the browser and throws when it fails.
const assert = require('node:assert');
const axe = require('axe-core');

const HOSTILE = '<script>alert(1)</script>';
const ROWS = 'details.issue';

const visibleRows = (page) => page.locator(`${ROWS}:visible`).count();

/** Rows that are shown, counted as the page counts: a group stands for all its issues. */
const shownIssues = (page) => page.evaluate((rows) => [...document.querySelectorAll(rows)].filter((row) => !row.hidden)
  .reduce((sum, row) => sum + Number(row.dataset.count || 1), 0), ROWS);

// Looking at colours takes most of the time of a large page: once in the light and once in the dark is enough.
const COLOURS_ONLY = { runOnly: ['color-contrast'] };
const NO_COLOURS = { rules: { 'color-contrast': { enabled: false } } };

async function seriousFaults(page, rules = {}) {
  await page.evaluate(axe.source);
  const result = await page.evaluate((options) => window.axe.run(document, { resultTypes: ['violations'], ...options }), rules);
  return result.violations.filter((one) => ['serious', 'critical'].includes(one.impact))
    .map((one) => `${one.id}: ${one.nodes.slice(0, 3).map((node) => node.target.join(' ')).join(', ')}`);
}

async function everyPictureHasATitle(page) {
  const missing = await page.evaluate(() => [...document.querySelectorAll('svg')]
    .filter((svg) => !(svg.querySelector(':scope > title') || {}).textContent).length);
  assert.strictEqual(missing, 0);
}

async function noWordOfAPictureIsCut(page) {
  const cut = await page.evaluate(() => [...document.querySelectorAll('svg text')].filter((text) => {
    const box = text.getBBox();
    const frame = text.ownerSVGElement.viewBox.baseVal;
    return box.x < -1 || box.y < -1 || box.x + box.width > frame.width + 1 || box.y + box.height > frame.height + 1;
  }).map((text) => text.textContent));
  assert.deepStrictEqual(cut, []);
}

async function changedLinesFollowEachOther(page) {
  const gaps = await page.evaluate(() => [...document.querySelectorAll('details[open] .diff code')].flatMap((code) => [...code.children]
    .slice(1).map((line, i) => line.getBoundingClientRect().top - code.children[i].getBoundingClientRect().bottom)));
  assert.ok(gaps.length > 0 && gaps.every((gap) => Math.abs(gap) < 1), `${gaps}`);
}

async function hasItsTiles(page) {
  const count = await page.locator('.tile:visible').count();
  assert.strictEqual(count, 4);
}

async function namesAreText(page) {
  assert.ok((await page.evaluate(() => document.body.textContent)).includes(HOSTILE), 'the name is shown as it is');
  assert.strictEqual(await page.locator('script').count(), 1);
  assert.strictEqual(await page.locator('img').count(), 0);
}

async function fitsANarrowScreen(page) {
  await page.setViewportSize({ width: 320, height: 640 });
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  const [wide, inner] = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
  assert.ok(wide <= inner, `${wide} pixels in ${inner}`);
}

async function isAccessible(page) {
  assert.deepStrictEqual(await seriousFaults(page), []);
  await page.setViewportSize({ width: 320, height: 640 });
  assert.deepStrictEqual(await seriousFaults(page, NO_COLOURS), [], 'on a narrow screen');
}

async function isDarkInTheDark(page) {
  const light = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  await page.emulateMedia({ colorScheme: 'dark' });
  const [back, text] = await page.evaluate(() => ['backgroundColor', 'color']
    .map((name) => getComputedStyle(document.body)[name].match(/\d+/g).slice(0, 3).map(Number).reduce((a, b) => a + b)));
  assert.notStrictEqual(light, await page.evaluate(() => getComputedStyle(document.body).backgroundColor));
  assert.ok(back < 150 && text > 450, `background ${back}, text ${text}`);
  assert.deepStrictEqual(await seriousFaults(page, COLOURS_ONLY), [], 'in the dark');
}

const foldedAway = (page) => page.evaluate(() => [...document.querySelectorAll('details > div')]
  .filter((box) => !box.checkVisibility({ contentVisibilityAuto: false }) || box.getBoundingClientRect().height === 0).length);

async function printsEverything(page) {
  await page.emulateMedia({ media: 'print' });
  assert.strictEqual(await foldedAway(page), 0, 'folded on paper');
  assert.strictEqual(await page.locator('.filters:visible').count(), 0);
  await page.emulateMedia({ media: null });
  const open = () => page.evaluate(() => document.querySelectorAll('details[open]').length);
  const before = await open();
  await page.evaluate(() => window.dispatchEvent(new Event('beforeprint')));
  assert.strictEqual(await open(), await page.locator('details').count());
  await page.evaluate(() => window.dispatchEvent(new Event('afterprint')));
  assert.strictEqual(await open(), before);
  assert.ok((await page.pdf()).length > 5000);
}

async function opensByKeyboard(page) {
  const summary = page.locator('summary:visible').first();
  if (await summary.count() === 0) return;
  const isOpen = () => summary.evaluate((one) => one.parentElement.open);
  const before = await isOpen();
  await summary.focus();
  await page.keyboard.press('Enter');
  assert.strictEqual(await isOpen(), !before);
}

async function skipsToTheContent(page) {
  await page.keyboard.press('Tab');
  assert.strictEqual(await page.evaluate(() => document.activeElement.className), 'skip');
}

// --- issues ---

async function everyCellShowsItsNumber(page) {
  const cells = await page.locator('.matrix button').count();
  assert.ok(cells > 0);
  for (let i = 0; i < cells; ++i) {
    const cell = page.locator('.matrix button').nth(i);
    const number = Number((await cell.textContent()).replace(/,/g, ''));
    await cell.click();
    assert.strictEqual(await shownIssues(page), number, `cell ${i}`);
  }
}

async function aCellIsPressedAndReleased(page) {
  const cell = page.locator('.matrix tbody button').first();
  const all = await shownIssues(page);
  await cell.click();
  assert.strictEqual(await cell.getAttribute('aria-pressed'), 'true');
  await cell.click();
  assert.strictEqual(await cell.getAttribute('aria-pressed'), 'false');
  assert.strictEqual(await shownIssues(page), all);
}

async function searches(page) {
  const all = await shownIssues(page);
  await page.fill('#search', 'no such words anywhere');
  assert.strictEqual(await shownIssues(page), 0);
  assert.match(await page.locator('.shown').first().textContent(), /^0 of /);
  const word = await page.evaluate((rows) => document.querySelector(`${rows} .what strong`).textContent.split(' ')[0], ROWS);
  await page.fill('#search', word.toUpperCase());
  const found = await shownIssues(page);
  assert.ok(found > 0 && found <= all);
}

async function keepsTheFilterInItsAddress(page) {
  await page.locator('.matrix tbody button').first().click();
  const shown = await shownIssues(page);
  const address = page.url();
  assert.match(address, /#.*(category|level)=/);
  await page.goto('about:blank');
  await page.goto(address);
  assert.strictEqual(await shownIssues(page), shown);
  await page.getByRole('button', { name: 'clear filter' }).click();
  assert.ok(!page.url().includes('='));
}

async function reachesFiltersByKeyboard(page) {
  await page.keyboard.press('/');
  assert.strictEqual(await page.evaluate(() => document.activeElement.id), 'search');
  const reached = new Set();
  for (let i = 0; i < 40; ++i) {
    await page.keyboard.press('Tab');
    reached.add(await page.evaluate(() => document.activeElement.id || document.activeElement.tagName));
    const chip = await page.evaluate(() => Boolean(document.activeElement.closest('.filters') && document.activeElement.dataset.filter
      && document.activeElement.dataset.filter !== '{}'));
    if (!chip) continue;
    await page.keyboard.press('Enter');
    assert.match(page.url(), /=/);
    assert.ok(reached.has('sort'));
    return;
  }
  assert.fail('no filter was reached');
}

async function walksWithJAndK(page) {
  await page.keyboard.press('j');
  const first = await page.evaluate(() => document.activeElement.parentElement.id);
  await page.keyboard.press('j');
  assert.notStrictEqual(await page.evaluate(() => document.activeElement.parentElement.id), first);
  await page.keyboard.press('k');
  assert.strictEqual(await page.evaluate(() => document.activeElement.parentElement.id), first);
}

async function sortsByType(page) {
  const types = () => page.evaluate(() => [...document.querySelectorAll('#issues-list > details')].map((row) => row.dataset.type));
  await page.selectOption('#sort', 'type');
  const sorted = await types();
  assert.deepStrictEqual(sorted, [...sorted].sort());
}

async function opensTheIssueOfALink(page) {
  const id = await page.evaluate((rows) => [...document.querySelectorAll(rows)].pop().id, ROWS);
  await page.evaluate((hash) => { location.hash = hash; }, id);
  await page.waitForFunction((name) => document.getElementById(name).open, id, { timeout: 2000 });
}

async function opensFromWhatToDo(page) {
  const link = page.locator('.todo > li > a').first();
  await link.click();
  assert.ok(await shownIssues(page) > 0);
  assert.match(page.url(), /type=/);
}

// --- other pages ---

async function putsMostUsedFirst(page) {
  const order = ['FREQUENT', 'MODERATE', 'RARE', 'UNUSED'];
  const found = await page.evaluate(() => [...document.querySelectorAll('#performance-list > details')].map((row) => row.dataset.usage));
  assert.ok(found.length > 1);
  assert.deepStrictEqual(found, [...found].sort((a, b) => order.indexOf(a) - order.indexOf(b)));
}

async function everyNumberOfAPictureIsInATable(page) {
  const missing = await page.evaluate(() => {
    const cells = new Set([...document.querySelectorAll('td, th')].map((cell) => cell.textContent.trim()));
    const numbers = [...document.querySelectorAll('svg text.value')]
      .flatMap((text) => text.textContent.match(/[\d.,]*\d( [KMGT]?i?B)?/g) || []);
    return numbers.length ? numbers.filter((number) => !cells.has(number)) : ['there is no number'];
  });
  assert.deepStrictEqual(missing, []);
}

async function everyWordIsThereWithoutScript(page) {
  assert.strictEqual(await page.locator('.script-only:visible').count(), 0);
  assert.ok(await page.locator('h1:visible').count() === 1);
  assert.strictEqual(await page.locator('section:visible').count(), await page.locator('section').count());
  const details = page.locator('details');
  for (let i = 0; i < Math.min(await details.count(), 10); ++i) {
    const one = details.nth(i);
    if (!(await one.isVisible())) continue;
    if (await one.getAttribute('open') === null) await one.locator(':scope > summary').click();
    assert.ok(await one.locator(':scope > div').isVisible(), `details ${i}`);
  }
  assert.strictEqual(await visibleRows(page), await page.locator(ROWS).count());
}

async function opensQuickly(page, address) {
  const times = [];
  // Again where others had the machine meanwhile.
  for (let i = 0; i < 3 || (i < 8 && Math.min(...times) >= 2000); ++i) {
    await page.goto('about:blank');
    const from = Date.now();
    await page.goto(address);
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done))));
    times.push(Date.now() - from);
  }
  const best = Math.min(...times);
  console.log(`  opened in ${times.join(', ')} ms`);
  assert.ok(best < 2000, `${times} ms`);
  const from = Date.now();
  await page.locator('.matrix tbody button').first().click();
  console.log(`  filtered in ${Date.now() - from} ms`);
}

async function hasFiveThousandRows(page) { assert.strictEqual(await page.locator(ROWS).count(), 5000); }

async function tellsGroups(page) {
  assert.ok(await page.locator(ROWS).count() < 100);
  assert.strictEqual(await shownIssues(page), 6000);
  assert.match(await page.locator('.shown').first().textContent(), /^6,000 of 6,000/);
}

const tableRows = (page) => page.locator('#all-table tbody tr:visible').count();

async function searchesATable(page) {
  const all = await tableRows(page);
  assert.ok(all > 2);
  await page.keyboard.press('/');
  await page.keyboard.type('Only_Source');
  assert.strictEqual(await tableRows(page), 1);
  assert.match(await page.locator('#all-table-shown').textContent(), new RegExp(`^1 of ${all} shown`));
  const address = page.url();
  await page.locator('#search').fill('');
  assert.strictEqual(await tableRows(page), all);
  await page.goto('about:blank');
  await page.goto(address);
  assert.strictEqual(await tableRows(page), 1, 'the address keeps the search');
}

async function sortsATable(page) {
  const column = () => page.evaluate(() => [...document.querySelectorAll('#all-table tbody tr')].map((row) => row.cells[1].textContent));
  const head = page.locator('#all-table thead th').nth(1);
  await head.getByRole('button').click();
  assert.deepStrictEqual(await column(), ['80.0', '-500,000', '–', '–']);
  assert.strictEqual(await head.getAttribute('aria-sort'), 'descending');
  await head.getByRole('button').press('Enter');
  assert.deepStrictEqual(await column(), ['-500,000', '80.0', '–', '–']);
  assert.strictEqual(await head.getAttribute('aria-sort'), 'ascending');
}

const EVERY = [everyPictureHasATitle, noWordOfAPictureIsCut, hasItsTiles, fitsANarrowScreen, isAccessible, isDarkInTheDark, printsEverything, opensByKeyboard,
  skipsToTheContent];
const ISSUES = [everyCellShowsItsNumber, aCellIsPressedAndReleased, searches, keepsTheFilterInItsAddress, reachesFiltersByKeyboard,
  walksWithJAndK, sortsByType, opensTheIssueOfALink, opensFromWhatToDo];

const REAL = [everyPictureHasATitle, noWordOfAPictureIsCut, hasItsTiles, fitsANarrowScreen, namesAreText];

/** Kind of page to its checks. */
module.exports = {
  everyWordIsThereWithoutScript,
  kinds: {
    plain: EVERY,
    optimization: [...EVERY, namesAreText, changedLinesFollowEachOther],
    analysis: [...EVERY, ...ISSUES, namesAreText],
    // Of the real program, which writes its pages with the code whose pages are checked whole: what depends on their content.
    real: REAL,
    real_issues: [...REAL, searches, opensFromWhatToDo],
    real_whole: [...EVERY, ...ISSUES, namesAreText],
    assessment: [...EVERY, ...ISSUES, namesAreText, putsMostUsedFirst, everyNumberOfAPictureIsInATable],
    performance: [...EVERY, namesAreText, searchesATable, sortsATable],
    many: [hasFiveThousandRows, everyCellShowsItsNumber, opensQuickly],
    quiet: [function staysQuiet() {}],
    grouped: [...EVERY, tellsGroups, everyCellShowsItsNumber],
  },
};
