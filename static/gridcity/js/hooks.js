// Starts behaviour where a page asks for it by data-gc-… attributes, also in what htmx swaps in.

const hooks = [];
const started = new WeakMap();

/** `start(element)` runs once for each element; it may return a promise. `late` ones run after. */
export function hook(selector, start, { late = false } = {}) {
  hooks.push({ selector, start, late });
}

export async function scan(root) {
  await run(root, hooks.filter((each) => !each.late));
  await run(root, hooks.filter((each) => each.late));
}

async function run(root, some) {
  const pending = [];
  for (const each of some) {
    const found = [...root.querySelectorAll(each.selector)];
    if (root.matches?.(each.selector)) found.unshift(root);
    for (const element of found) {
      const begun = started.get(element) || new Map();
      started.set(element, begun);
      // A second look at the same page waits for what the first one began: late ones stay late.
      if (!begun.has(each)) begun.set(each, Promise.resolve(each.start(element)).catch((fault) => console.error(fault)));
      pending.push(begun.get(each));
    }
  }
  await Promise.all(pending);
}
