/**
 * The members of `app` of `@azure/functions` 4, and of the worker that calls it, that are used here.
 * @module
 */

/** The value that a registration returns. */
export interface DisposableLike {
  /** Undoes the registration. */
  dispose(): void;
}

/** The context of an invocation, as the worker passes it. */
export interface InvocationLike {
  /** Its id. */
  readonly invocationId: string;
  /** The name of the function. */
  readonly functionName: string;
  /** The options that the function was registered with. */
  readonly options?: { readonly trigger?: { readonly type?: string } };
}

/** The call that the worker is about to make. */
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
