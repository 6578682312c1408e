/**
 * The events of the log records of a serverless host.
 * @module
 */

/**
 * The `event` of the records that a serverless platform and its gate log, beside those of the bus itself. Each record has
 * a `message` for people; programs look at `event` and its fields.
 *
 * | event        | level       | fields                                                                                         |
 * | ------------ | ----------- | ---------------------------------------------------------------------------------------------- |
 * | `takeover`   | warn        | `by`: the invocation that goes on with a start whose own invocation is gone                    |
 * | `refused`    | warn        | `kind`: that of the `NotReadyError`; `error`. Once for each start, and for each state of the end |
 * | `work`       | error, warn | `invocation`; `outcome`: "failed", "unheld" (the host does not wait for it; both with `error`), or "late" (the answer does not wait for it any longer; with `ms`) |
 * | `thaw`       | warn        | `ms`: the listeners of `thaw` still run after so many milliseconds                             |
 * | `unsignaled` | warn        | SIGTERM will not come; `error`, where that is why                                              |
 * | `invocation` | error       | `invocation`, `error`: of a loop or an extension of AWS Lambda                                 |
 * | `host`       | error       | `error`: the host of a loop or an extension of AWS Lambda does not answer as it has to         |
 * | `thread`     | warn        | `thread`, `code`: the bus of a thread on Lambda Managed Instances has left by itself           |
 */
export type ServerlessEvent =
  | "takeover"
  | "refused"
  | "work"
  | "thaw"
  | "unsignaled"
  | "invocation"
  | "host"
  | "thread";

/** The details of such a record. */
export interface ServerlessRecord {
  readonly event: ServerlessEvent;
  readonly level: "warn" | "error";
  readonly error?: unknown;
  readonly [field: string]: unknown;
}
