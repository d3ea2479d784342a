// Lets the event loop run between steps. A backend that computes on this thread resolves its promises immediately, and awaiting
// only those would block timers, sockets and Ctrl-C until training ends.

/** Exists in every JavaScript runtime but is not part of the language. */
declare function setTimeout(callback: () => void, milliseconds: number): unknown;

/**
 * The longest time that events may wait, in milliseconds. A turn of the event loop costs about one
 * millisecond.
 */
const PATIENCE = 50;

let last = 0;

/** Waits for one turn of the event loop if the last one was too long ago. */
export async function letEventsRun(): Promise<void> {
  if (Date.now() - last < PATIENCE) return;
  await new Promise<void>((resolve) => {
    setTimeout(resolve, 0);
  });
  last = Date.now();
}
