// Sending a location: a place of the district, a point of the drawn map, typed coordinates, or where the browser says it is.

import { openDialog } from './dialogs.js';
import { el, icon, uniqueId } from './dom.js';
import { t } from './i18n.js';
import { districtMap, PLACES } from './map.js';

/** Opens the dialogue; `send(latitude, longitude)` is called with degrees (WGS 84). */
export function openLocationDialog(send) {
  const fields = { latitude: coordinateField(t('latitude')), longitude: coordinateField(t('longitude')) };
  const show = (latitude, longitude) => {
    fields.latitude.input.value = latitude.toFixed(5);
    fields.longitude.input.value = longitude.toFixed(5);
    map.show(latitude, longitude);
    markPlace(places, latitude, longitude);
  };
  const map = districtMap(show);
  const places = el('div', { class: 'places' }, PLACES.map(({ name, latitude, longitude }) => el('button', {
    type: 'button', class: 'chip', dataset: { place: name, latitude: latitude.toFixed(5), longitude: longitude.toFixed(5) },
    onclick: () => show(latitude, longitude),
  }, name)));
  const note = el('p', { class: 'dialog-problem', role: 'alert', hidden: true });
  const here = el('button', { type: 'button', class: 'text-button with-icon', onclick: () => locate(show, note) },
    icon('target'), t('my_location'));

  openDialog({
    title: t('send_location'),
    content: [el('p', { class: 'hint' }, t('choose_place')), places, map.element,
      el('div', { class: 'two-fields' }, fields.latitude.element, fields.longitude.element), here, note],
    confirm: t('send'),
    testid: 'location-dialog',
    wide: true,
    onConfirm: () => send(...readCoordinates(fields)),
  });
  show(PLACES[0].latitude, PLACES[0].longitude);
}

function coordinateField(label) {
  const id = uniqueId('coordinate');
  const input = el('input', { id, class: 'input', type: 'text', inputmode: 'decimal', autocomplete: 'off' });
  return { input, element: el('div', {}, el('label', { class: 'label', for: id }, label), input) };
}

/** Reads both fields, a decimal comma as well as a point. */
function readCoordinates(fields) {
  const [latitude, longitude] = [fields.latitude, fields.longitude]
    .map(({ input }) => (input.value.trim() === '' ? NaN : Number(input.value.trim().replace(',', '.'))));
  if (!(Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180)) throw new Error(t('location_wrong'));
  return [latitude, longitude];
}

function markPlace(places, latitude, longitude) {
  for (const chip of places.children) {
    const chosen = chip.dataset.latitude === latitude.toFixed(5) && chip.dataset.longitude === longitude.toFixed(5);
    chip.setAttribute('aria-pressed', String(chosen));
  }
}

function locate(show, note) {
  const denied = () => {
    note.textContent = t('location_denied');
    note.hidden = false;
  };
  if (!navigator.geolocation) {
    denied();
    return;
  }
  note.hidden = true;
  navigator.geolocation.getCurrentPosition(({ coords }) => show(coords.latitude, coords.longitude), denied, { timeout: 10_000 });
}
