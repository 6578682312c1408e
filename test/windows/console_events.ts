/**
 * The events of a Windows console.
 * @module
 */

/** The numbers that Windows gives the events. @see https://learn.microsoft.com/windows/console/handlerroutine#parameters */
export const consoleEvents = {
  CTRL_C: 0,
  CTRL_BREAK: 1,
  CTRL_CLOSE: 2,
  CTRL_LOGOFF: 5,
  CTRL_SHUTDOWN: 6,
} as const;

/** The name of an event. */
export type ConsoleEvent = keyof typeof consoleEvents;

/** The names of all events. */
export const consoleEventNames: readonly ConsoleEvent[] = Object.keys(consoleEvents) as ConsoleEvent[];
