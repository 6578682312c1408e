/**
 * What is used of `app` of `@azure/functions` 4, and of the worker that calls it.
 * @module
 */

/** What a registration returns. */
export interface DisposableLike {
  /** Undoes the registration. */
  dispose(): void;
}

/** What the worker tells of an invocation. */
export interface InvocationLike {
  /** Its id. */
  readonly invocationId: string;
  /** The name of the function. */
  readonly functionName: string;
  /** The options that the function was registered with. */
  readonly options?: { readonly trigger?: { readonly type?: string } };
}

/** What the worker is about to call. */
export interface PreInvocationLike {
  /** The invocation, which the function gets as its last argument. */
  readonly invocationContext: InvocationLike;
  /** The function. The worker calls what this is set to. */
  functionHandler: (...args: never[]) => unknown;
}

/** `app` of `@azure/functions`. */
export interface AzureAppLike {
  /** Its registrations. */
  readonly hook: {
    /** Calls `listener` when the entry points are loaded, before the first invocation; the worker waits for it. */
    appStart(listener: () => Promise<void>): DisposableLike;
    /** Calls `listener` before the worker exits; the worker waits for it. */
    appTerminate(listener: () => Promise<void>): DisposableLike;
    /** Calls `listener` before each invocation. */
    preInvocation(listener: (context: PreInvocationLike) => void): DisposableLike;
  };
}
