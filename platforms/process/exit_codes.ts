/**
 * The exit codes that mean something of their own.
 * @module
 */

/**
 * What a process fails with: a listener, a component or a host that it cannot do without.
 * @see https://man.freebsd.org/cgi/man.cgi?sysexits(3), `EX_SOFTWARE`
 */
export const FAILED = 70;

/**
 * Asks the host of Azure Functions for another worker, where nothing has failed. After 0 it starts none; it takes any
 * other code for a failure.
 * @see https://github.com/Azure/azure-functions-host, `WorkerProcess.OnProcessExited`
 */
export const RESTART_AZURE_WORKER = 200;
