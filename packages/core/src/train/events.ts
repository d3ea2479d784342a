// Lets the event loop run between steps. A backend that computes on this thread resolves its promises at once, and awaiting
// those alone would keep timers, sockets and Ctrl-C waiting until the training is over.

/** In every JavaScript runtime, but in no version of the language. */
declare function setTimeout(callback: () => void, milliseconds: number): unknown;

/** How long events may wait, in milliseconds; a turn of the event loop costs about one. */
const PATIENCE = 50;

let last = 0;

/** Waits for one turn of the event loop if the last one is a while ago. */
export async function letEventsRun(): Promise<void> {
  if (Date.now() - last < PATIENCE) return;
  await new Promise<void>((resolve) => {
    setTimeout(resolve, 0);
  });
  last = Date.now();
}
