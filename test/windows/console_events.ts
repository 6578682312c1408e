/**
 * The events of a Windows console.
 * @module
 */

/** By the numbers that Windows gives them. @see https://learn.microsoft.com/windows/console/handlerroutine#parameters */
export const consoleEvents = {
  CTRL_C: 0,
  CTRL_BREAK: 1,
  CTRL_CLOSE: 2,
  CTRL_LOGOFF: 5,
  CTRL_SHUTDOWN: 6,
} as const;

/** The name of one. */
export type ConsoleEvent = keyof typeof consoleEvents;

/** All of them. */
export const consoleEventNames: readonly ConsoleEvent[] = Object.keys(consoleEvents) as ConsoleEvent[];
