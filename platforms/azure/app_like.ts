/**
 * What is used of `app` of `@azure/functions` 4, and of the worker that calls it.
 * @module
 */

/** What a registration returns. */
export interface DisposableLike {
  /** Takes it off again. */
  dispose(): void;
}

/** What the worker tells of an invocation. */
export interface InvocationLike {
  /** Its id. */
  readonly invocationId: string;
  /** The name of the function. */
  readonly functionName: string;
  /** What it was registered with. */
  readonly options?: { readonly trigger?: { readonly type?: string } };
}

/** What the worker is about to call. */
export interface PreInvocationLike {
  /** The invocation, which the function is given as its last argument. */
  readonly invocationContext: InvocationLike;
  /** The function. What it is set to is called in its place. */
  functionHandler: (...args: never[]) => unknown;
}

/** `app` of `@azure/functions`. */
export interface AzureAppLike {
  /** Its registrations. */
  readonly hook: {
    /** Once the entry points are loaded, before the first invocation; the worker waits. */
    appStart(listener: () => Promise<void>): DisposableLike;
    /** Before the worker exits; it waits. */
    appTerminate(listener: () => Promise<void>): DisposableLike;
    /** Before each invocation. */
    preInvocation(listener: (context: PreInvocationLike) => void): DisposableLike;
  };
}
