// Building elements without HTML: whatever people, files or the bot wrote becomes text, never markup.

const SVG = 'http://www.w3.org/2000/svg';

/**
 * Creates an element. `attributes` are set by name, except: `on*` functions are listeners, `class`, `dataset`, and boolean
 * attributes (true sets, false and null leave out). Children are nodes or text; null is skipped.
 */
export function el(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/** Creates an SVG element, as `el` does an HTML one. */
export function svg(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

/** Shows a symbol of icons.svg, hidden from screen readers: the control around it has the label. */
export function icon(name) {
  return svg('svg', { class: 'icon', 'aria-hidden': 'true', focusable: 'false' },
    svg('use', { href: `/static/icons.svg#${name}` }));
}

/** A button that shows an icon only; its label is both read out and shown as a tooltip. */
export function iconButton(name, label, { class: more = '', ...attributes } = {}) {
  const look = `icon-button ${more}`.trim();
  return el('button', { type: 'button', class: look, 'aria-label': label, title: label, ...attributes }, icon(name));
}

/**
 * Makes `nodes` the children of `parent`, in order, moving as little as possible: nodes that stay keep their focus, their
 * selection and their running animations.
 */
export function reconcile(parent, nodes) {
  const wanted = new Set(nodes);
  for (const child of [...parent.childNodes]) {
    if (!wanted.has(child)) child.remove();
  }
  nodes.forEach((node, index) => {
    if (parent.childNodes[index] !== node) parent.insertBefore(node, parent.childNodes[index] ?? null);
  });
}

/** A number that is new on each call, for ids that tie labels to fields. */
export const uniqueId = (() => {
  let last = 0;
  return (prefix) => `${prefix}-${++last}`;
})();

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === 'function') element.addEventListener(name.slice(2), value);
    else if (name === 'dataset') Object.assign(element.dataset, value);
    else element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}
