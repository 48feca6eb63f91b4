/** The browser's storage, where there is one: in a frame of another site, or when it is full, nothing is kept. */

/** @param {() => Storage} storage reading it may fail already */
function guarded(storage) {
  return {
    /** @param {string} key @returns {string | null} */
    read(key) {
      try {
        return storage().getItem(key);
      } catch {
        return null;
      }
    },
    /** @param {string} key @param {string} value @returns {boolean} whether it is kept */
    write(key, value) {
      try {
        storage().setItem(key, value);
        return true;
      } catch {
        return false;
      }
    },
  };
}

/** Until it is cleared. */
export const local = guarded(() => localStorage);
/** Of this tab. */
export const session = guarded(() => sessionStorage);
