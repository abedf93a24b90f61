// The buttons under a message.

import { el, icon } from './dom.js';
import { linkTarget } from './links.js';

/** Builds the rows of buttons of a message. */
export function inlineKeyboard(message, context) {
  return el('div', { class: 'inline-keyboard', dataset: { testid: 'inline-keyboard' } },
    message.buttons.map((row) => el('div', { class: 'inline-row' }, row.map((button) => inlineButton(button, message, context)))));
}

/** Shows on each button below `root` whether it waits for an answer. */
export function showWaiting(root, chat) {
  for (const button of root.querySelectorAll('button[data-callback]')) {
    const id = Number(button.closest('[data-message-id]').dataset.messageId);
    const waiting = chat.isPressed(id, button.dataset.callback);
    button.classList.toggle('waiting', waiting);
    button.setAttribute('aria-busy', String(waiting));
  }
}

function inlineButton(button, message, context) {
  const label = el('span', { class: 'inline-label' }, button.text);
  if (button.url) return linkButton(button, label, context);
  if (button.copy) {
    return el('button', {
      type: 'button', class: look(button), title: button.text, dataset: { copy: button.copy },
      onclick: () => context.actions.copy(button.copy),
    }, label, corner('copy'));
  }
  return el('button', {
    type: 'button', class: look(button), title: button.text, dataset: { callback: button.data ?? '', testid: 'callback' },
    onclick: () => context.actions.press(message.message_id, button.data ?? ''),
  }, label, el('span', { class: 'spinner' }));
}

function linkButton(button, label, { bot, actions }) {
  const target = linkTarget(button.url, bot);
  if (target?.web) {
    return el('a', { class: look(button), href: target.web, target: '_blank', rel: 'noopener noreferrer', title: target.web },
      label, corner('open'));
  }
  const follow = target ? () => actions.start(target.start) : () => actions.unsupportedLink();
  return el('button', {
    type: 'button', class: look(button), title: button.url, dataset: { start: target?.start ?? '' }, onclick: follow,
  }, label, corner('open'));
}

const look = ({ style }) => (['primary', 'success', 'danger'].includes(style) ? `inline-button style-${style}` : 'inline-button');

const corner = (name) => el('span', { class: 'inline-corner' }, icon(name));
