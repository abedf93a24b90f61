// Dialogues over the page. The browser's <dialog> keeps the focus inside, closes on Escape, and gives the focus back.

import { el, iconButton } from './dom.js';
import { t } from './i18n.js';

/**
 * Opens a dialogue with a form. `onConfirm` may return a promise: the dialogue waits for it, closes when it resolves, and shows
 * the error's sentence when it does not. Without `confirm` there is only the closing button.
 */
export function openDialog({ title, content, confirm, onConfirm, onClose = () => {}, testid = null, wide = false }) {
  const problem = el('p', { class: 'dialog-problem', role: 'alert', hidden: true });
  const cancel = el('button', { type: 'button', class: 'text-button', onclick: () => dialog.close() }, confirm ? t('cancel') : t('ok'));
  const accept = confirm ? el('button', { type: 'submit', class: 'text-button strong', 'data-testid': 'confirm' }, confirm) : null;
  const submit = async (event) => {
    event.preventDefault();
    problem.hidden = true;
    accept.disabled = true;
    accept.textContent = t('sending');
    try {
      await onConfirm();
      dialog.close();
    } catch (error) {
      problem.textContent = error.message || t('failed');
      problem.hidden = false;
    }
    accept.disabled = false;
    accept.textContent = confirm;
  };
  const dialog = el('dialog', {
    class: wide ? 'dialog wide' : 'dialog', 'aria-label': title, 'data-testid': testid,
    onclose: () => {
      dialog.remove();
      onClose();
    },
    onclick: (event) => {
      if (event.target === dialog) dialog.close();
    },
  }, el('form', { class: 'dialog-form', novalidate: true, onsubmit: submit },
    el('h2', {}, title), el('div', { class: 'dialog-content' }, content), problem,
    el('div', { class: 'dialog-buttons' }, cancel, accept)));
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

/** Shows a sentence that has to be closed by hand; with `link`, it can be opened in a new tab. */
export function openAlert({ title, text, link, testid = null }) {
  const content = link
    ? el('a', { href: link, target: '_blank', rel: 'noopener noreferrer' }, text)
    : el('p', { class: 'dialog-text' }, text);
  openDialog({ title, content, testid });
}

/** Shows a picture as large as the window; a click anywhere closes it. */
export function openPicture(url) {
  const viewer = el('dialog', { class: 'viewer', 'aria-label': t('photo'), onclose: () => viewer.remove(), onclick: () => viewer.close() },
    el('img', { src: url, alt: t('photo') }),
    el('div', { class: 'viewer-buttons' },
      el('a', { class: 'viewer-download', href: url, download: '', onclick: (event) => event.stopPropagation() }, t('download')),
      iconButton('close', t('close'))));
  document.body.append(viewer);
  viewer.showModal();
}
