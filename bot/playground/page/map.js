// Maps that are drawn, not loaded: a grid of degrees with the few places that the page knows.

import { el, svg } from './dom.js';

/** Places of Rokiškis district, with coordinates of their centres (WGS 84). */
export const PLACES = [
  { name: 'Rokiškis', latitude: 55.9587, longitude: 25.5947 },
  { name: 'Juodupė', latitude: 56.087, longitude: 25.607 },
  { name: 'Obeliai', latitude: 55.943, longitude: 25.8 },
  { name: 'Pandėlys', latitude: 56.0265, longitude: 25.2264 },
  { name: 'Kamajai', latitude: 55.817, longitude: 25.5 },
];

const DISTRICT = { latitude: 55.957, longitude: 25.52 };
// A degree of longitude is this much shorter than one of latitude, at 56° north: cos 56°.
const SQUEEZE = 0.559;

/** A small map around a point, with a pin on it. */
export function pinMap(latitude, longitude) {
  const view = viewOf({ latitude, longitude }, { width: 320, height: 150, degrees: 0.16 });
  return svg('svg', { class: 'map', viewBox: '0 0 320 150', preserveAspectRatio: 'xMidYMid slice', 'aria-hidden': 'true' },
    grid(view), placeMarks(view), pin(160, 75));
}

/** A map of the district to click on: `onPick` is called with latitude and longitude. `show(place)` moves its pin. */
export function districtMap(onPick) {
  const view = viewOf(DISTRICT, { width: 400, height: 240, degrees: 0.36 });
  const marker = svg('g');
  const drawing = svg('svg', {
    class: 'map map-district', viewBox: '0 0 400 240', 'aria-hidden': 'true',
    onclick: (event) => {
      const box = drawing.getBoundingClientRect();
      const place = view.place((event.clientX - box.left) / box.width * 400, (event.clientY - box.top) / box.height * 240);
      onPick(place.latitude, place.longitude);
    },
  }, grid(view), placeMarks(view), marker);
  const show = (latitude, longitude) => {
    const { x, y } = view.point(latitude, longitude);
    marker.replaceChildren(pin(x, y));
  };
  return { element: el('div', { class: 'map-frame' }, drawing), show };
}

function viewOf(centre, { width, height, degrees }) {
  const scale = height / degrees;
  return {
    width, height, centre, degrees,
    point: (latitude, longitude) => ({
      x: width / 2 + (longitude - centre.longitude) * scale * SQUEEZE,
      y: height / 2 - (latitude - centre.latitude) * scale,
    }),
    place: (x, y) => ({
      latitude: centre.latitude - (y - height / 2) / scale,
      longitude: centre.longitude + (x - width / 2) / scale / SQUEEZE,
    }),
  };
}

function grid(view) {
  const step = view.degrees > 0.2 ? 0.1 : 0.05;
  const from = view.place(0, view.height);
  const to = view.place(view.width, 0);
  const lines = [];
  for (let at = Math.ceil(from.latitude / step) * step; at < to.latitude; at += step) {
    const { y } = view.point(at, 0);
    lines.push(svg('path', { d: `M0 ${y.toFixed(1)}H${view.width}` }));
  }
  for (let at = Math.ceil(from.longitude / step) * step; at < to.longitude; at += step) {
    const { x } = view.point(0, at);
    lines.push(svg('path', { d: `M${x.toFixed(1)} 0V${view.height}` }));
  }
  return svg('g', { class: 'map-grid' }, lines);
}

function placeMarks(view) {
  return svg('g', { class: 'map-places' }, PLACES.map((place) => {
    const { x, y } = view.point(place.latitude, place.longitude);
    if (x < 0 || y < 0 || x > view.width || y > view.height) return null;
    const label = svg('text', { x, y: y + 15, 'text-anchor': 'middle' }, place.name);
    return svg('g', {}, svg('circle', { cx: x, cy: y, r: 3.5 }), label);
  }));
}

function pin(x, y) {
  return svg('g', { class: 'map-pin', transform: `translate(${x} ${y})` },
    svg('ellipse', { class: 'map-pin-shadow', cx: 0, cy: 0, rx: 6, ry: 2.4 }),
    svg('path', { d: 'M0 0s-12-11.5-12-20a12 12 0 0 1 24 0c0 8.5-12 20-12 20z' }),
    svg('circle', { cx: 0, cy: -20, r: 4.5 }));
}
