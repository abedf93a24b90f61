// What the person should know about this playground, such as that nothing survives a restart. A notice that was put away stays away
// for the browser session.

import { el, icon, iconButton } from './dom.js';
import { t } from './i18n.js';

const nodes = new Map();

/** The elements of the notices that were not put away. A notice is a sentence, or {text}. */
export function noticeList(notices) {
  return notices.map((notice) => (typeof notice === 'string' ? notice : notice.text))
    .filter((text) => text && !sessionStorage.getItem(storageKey(text)))
    .map((text) => {
      if (!nodes.has(text)) nodes.set(text, noticeElement(text));
      return nodes.get(text);
    });
}

const storageKey = (text) => `dismissed ${text}`;

function noticeElement(text) {
  const element = el('div', { class: 'notice', role: 'note', 'aria-label': t('notice'), dataset: { testid: 'notice' } },
    icon('info'), el('span', {}, text),
    iconButton('close', t('dismiss'), {
      onclick: () => {
        sessionStorage.setItem(storageKey(text), '1');
        element.remove();
      },
    }));
  return element;
}
