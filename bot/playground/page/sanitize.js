// The second lock on what the bot writes: the server makes safe HTML, and only these tags and attributes are built from it.

import { el } from './dom.js';
import { linkTarget } from './links.js';

const TAGS = new Map(Object.entries({
  B: 'b', STRONG: 'b', I: 'i', EM: 'i', U: 'u', INS: 'u', S: 's', STRIKE: 's', DEL: 's',
  CODE: 'code', PRE: 'pre', BLOCKQUOTE: 'blockquote', A: 'a', SPAN: 'span', BR: 'br',
}));
const DROPPED = new Set(['SCRIPT', 'STYLE', 'TEMPLATE', 'IFRAME', 'OBJECT', 'NOSCRIPT']);
const COMMAND = /^\/\w{1,32}(@\w{1,32})?$/;

/**
 * Turns HTML into a fragment of allowed elements only: what is not on the list leaves its text behind, scripts and styles leave
 * nothing. A link carries data-command or data-start, for the chat to send, or it is a web address to be opened in a new tab.
 */
export function safeFragment(html, bot) {
  const parsed = new DOMParser().parseFromString(html, 'text/html');
  const fragment = document.createDocumentFragment();
  copyChildren(parsed.body, fragment, bot);
  return fragment;
}

function copyChildren(from, to, bot) {
  for (const node of from.childNodes) copy(node, to, bot);
}

function copy(node, to, bot) {
  if (node.nodeType === Node.TEXT_NODE) {
    // The line break after a block is the block's own end: shown as well, it would be an empty line.
    const afterBlock = to.lastChild?.nodeName === 'PRE' || to.lastChild?.nodeName === 'BLOCKQUOTE';
    to.append(afterBlock ? node.data.replace(/^\n/, '') : node.data);
    return;
  }
  if (node.nodeType !== Node.ELEMENT_NODE || DROPPED.has(node.tagName)) return;

  const tag = TAGS.get(node.tagName);
  const made = tag && (tag === 'a' ? link(node, bot) : marked(tag, node));
  if (made) to.append(made);
  copyChildren(node, made ?? to, bot);
}

function link(node, bot) {
  const command = node.dataset.command ?? '';
  if (COMMAND.test(command)) return el('a', { href: '#', dataset: { command } });
  const href = node.getAttribute('href') ?? '';
  if (/^mailto:[^\s?]+$/.test(href)) return el('a', { href });
  const target = linkTarget(href, bot);
  if (!target) return el('span', { class: 'mention' });
  if ('start' in target) return el('a', { href, dataset: { start: target.start } });
  return el('a', { href: target.web, target: '_blank', rel: 'noopener noreferrer' });
}

function marked(tag, node) {
  if (tag === 'span' && node.classList.contains('spoiler')) return el('span', { class: 'spoiler', tabindex: '0', role: 'button' });
  if (tag === 'span' && node.classList.contains('mention')) return el('span', { class: 'mention' });
  if (tag === 'blockquote' && (node.hasAttribute('expandable') || node.classList.contains('expandable'))) {
    return el('blockquote', { class: 'expandable', tabindex: '0' });
  }
  return el(tag);
}
