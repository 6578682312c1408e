/**
 * Checks of the options against the host: the time that it gives, the address, load balancers.
 * @module
 */
import { createServer } from "node:net";
import { type Facts, type Finding, ok, typedTime, type Verdict } from "./finding.ts";

/** All checks of this kind but that of the port. */
export function hostChecks(facts: Facts): Finding[] {
  return [graceCheck(facts), addressCheck(facts), keepAliveCheck(facts), trafficCheck(facts)];
}

interface Host {
  readonly variable: string;
  readonly name: string;
  /** Milliseconds that it gives by default. */
  readonly graceMs: number;
  /** How to be given more; absent where that cannot be changed. */
  readonly more?: string;
}

/** The hosts that tell of themselves in the environment, the most special ones first. */
const HOSTS: readonly Host[] = [
  // https://docs.cloud.google.com/run/docs/container-contract#instance-shutdown
  { variable: "K_SERVICE", name: "Cloud Run", graceMs: 10_000 },
  // https://fly.io/docs/reference/configuration/#kill_timeout
  { variable: "FLY_APP_NAME", name: "Fly", graceMs: 5_000, more: "kill_timeout in fly.toml" },
  // https://devcenter.heroku.com/articles/dynos#shutdown
  { variable: "DYNO", name: "Heroku", graceMs: 30_000 },
  // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html
  {
    variable: "ECS_CONTAINER_METADATA_URI_V4",
    name: "ECS",
    graceMs: 30_000,
    more: "stopTimeout of the container",
  },
  // https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination
  {
    variable: "KUBERNETES_SERVICE_HOST",
    name: "Kubernetes",
    graceMs: 30_000,
    more: "terminationGracePeriodSeconds of the pod",
  },
  // https://www.freedesktop.org/software/systemd/man/latest/systemd.service.html#TimeoutStopSec=
  { variable: "INVOCATION_ID", name: "systemd", graceMs: 90_000, more: "TimeoutStopSec of the service" },
];

/** Whether the host waits as long as the stop may take. */
export function graceCheck({ env, options: { stopWithin }, grace }: Facts): Finding {
  const check = "grace";
  const stop = `a stop may take ${typedTime(stopWithin)} (--stop-within)`;
  if (grace !== undefined) {
    return held(check, { stop, stopWithin, graceMs: grace, by: "--grace says", sure: true });
  }
  const host = HOSTS.find(({ variable }) => env[variable]);
  if (!host) {
    return { check, verdict: "unknown", reason: `${stop}; give --grace <time> for how long the host waits` };
  }
  const { name, graceMs, more } = host;
  const by = more === undefined ? `${name} gives` : `${name} gives by default`;
  return held(check, {
    stop,
    stopWithin,
    graceMs,
    by,
    sure: more === undefined,
    ...more !== undefined && { more },
  });
}

interface Held {
  readonly stop: string;
  readonly stopWithin: number;
  readonly graceMs: number;
  readonly by: string;
  readonly sure: boolean;
  readonly more?: string;
}

function held(check: string, { stop, stopWithin, graceMs, by, sure, more }: Held): Finding {
  const reason = `${stop}, and ${by} ${typedTime(graceMs)}`;
  if (graceMs >= stopWithin) return ok(check, reason);
  const less = `--stop-within ${typedTime(Math.max(1000, Math.floor(graceMs * 0.9 / 1000) * 1000))}`;
  const mend = more === undefined ? less : `${less}, or a longer ${more}`;
  return { check, verdict: sure ? "problem" : "warning", reason: `${reason}: then it is killed`, mend };
}

/** Whether anybody can reach the address. */
export function addressCheck({ container, env, options: { host, unix } }: Facts): Finding {
  const check = "address";
  if (unix !== undefined) return ok(check, `it listens on the unix socket "${unix}"`);
  const own = /^(127\.|localhost$|::1$)/.test(host);
  // There a port is passed on from inside of the container.
  const developing = env["REMOTE_CONTAINERS"] ?? env["CODESPACES"];
  if (!own || !container || developing) return ok(check, `it listens on ${host}`);
  return {
    check,
    verdict: "problem",
    reason: `it listens on ${host}, which nobody outside of this container can reach`,
    mend: "--host 0.0.0.0",
  };
}

/** What the load balancers of AWS and nginx allow an idle connection by default. */
const BALANCER_MS = 60_000;

/** Whether the load balancer closes idle connections before the server does. */
export function keepAliveCheck({ runtime, options: { keepAlive, host } }: Facts): Finding {
  const check = "keep-alive";
  if (runtime === "deno") return ok(check, "Deno closes no idle connection");
  if (runtime === "bun") return ok(check, "Bun closes an idle connection after 255 s");
  const google = "behind Google's load balancer, which waits 600 s, give --keep-alive 620s";
  if (keepAlive > BALANCER_MS) {
    return ok(check, `${typedTime(keepAlive)} is more than the 60 s of ALB and nginx; ${google}`);
  }
  const local: Verdict = /^(127\.|localhost$|::1$)/.test(host) ? "warning" : "problem";
  return {
    check,
    verdict: local,
    reason: `an idle connection is closed after ${
      typedTime(keepAlive)
    }, and ALB and nginx use it for 60 s: clients get 502`,
    mend: `--keep-alive 65s; ${google}`,
  };
}

/** Whether an orchestrator learns in time that this process stops. */
export function trafficCheck({ env, options: { health, lameDuck } }: Facts): Finding {
  const check = "traffic";
  if (!env["KUBERNETES_SERVICE_HOST"]) {
    return ok(check, "no orchestrator that follows readiness is to be seen");
  }
  if (health && lameDuck > 0) return ok(check, `it is not ready for ${typedTime(lameDuck)} before it closes`);
  const missing = health ? "--lame-duck is 0s" : "--health is off";
  return {
    check,
    verdict: "warning",
    reason:
      `${missing}: Kubernetes sends requests for some seconds after the stop has begun, and they are refused`,
    mend: "--health --lame-duck 5s, and /readyz as the readinessProbe",
  };
}

/** Whether the port can be listened on now. */
export async function portCheck({ options: { port, host, unix } }: Facts): Promise<Finding> {
  const check = "port";
  if (unix !== undefined || port === 0) return ok(check, "any that is free");
  const code = await new Promise<string | undefined>((resolve) => {
    const server = createServer();
    server.on("error", (error: { code?: string }) => resolve(error.code ?? "an error"));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
  const place = `${host}:${port}`;
  switch (code) {
    case undefined:
      return ok(check, `${place} is free`);
    case "EADDRINUSE":
      return {
        check,
        verdict: "warning",
        reason: `${place} is in use now: by this application, or by another`,
        mend: "sitebus ps says whether it is this one; else another --port",
      };
    case "EACCES":
    case "EPERM":
      return {
        check,
        verdict: "problem",
        reason: `this user may not listen on ${place}`,
        mend: "a --port from 1024 on",
      };
    default:
      return {
        check,
        verdict: "problem",
        reason: `${place} cannot be listened on: ${code}`,
        mend: "another --host",
      };
  }
}
