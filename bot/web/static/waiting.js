/** How long to wait, and how to be the only one. */

const LONGEST_REST = 30000;

/** Give a promise that is kept after so many milliseconds. */
export const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

/** Give the milliseconds to rest after so many failures in a row, a little different every time. */
export const restAfter = (failures) => Math.min(LONGEST_REST, 500 * 2 ** failures) * (0.75 + Math.random() / 2);

/** Do something in one tab at a time. */
// Repeats carry the same id, so two tabs sending one queue do no harm where the browser has no locks.
export const alone = (name, work) => (navigator.locks ? navigator.locks.request(name, work) : work());
