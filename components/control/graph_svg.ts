/**
 * The components as a graph: those that others depend on stand to the left of them.
 * @module
 */
import { escapeHtml, msText } from "./html_text.ts";

/** The facts about a component that are drawn. */
export interface GraphNode {
  readonly name: string;
  readonly state: string;
  /** Milliseconds that its last start, drain or stop took, or has taken so far. */
  readonly ms?: number;
  readonly check?: string;
  readonly dependsOn: readonly string[];
}

const WIDTH = 168;
const HEIGHT = 46;
const GAP_X = 56;
const GAP_Y = 14;
const EDGE = 6;

/** The longest name that a box has room for. */
const LONGEST = 20;

/** An SVG of the graph, colored by the styles of the page; the table of the components says the same in words. */
export function graphSvg(nodes: readonly GraphNode[]): string {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const needed = new Map(nodes.map((node) => [node.name, reduced(node, byName)]));
  const columns: GraphNode[][] = [];
  const places = new Map<string, { readonly x: number; readonly y: number }>();
  for (const node of nodes) {
    const column = columns[depthOf(node, byName)] ??= [];
    places.set(node.name, {
      x: EDGE + depthOf(node, byName) * (WIDTH + GAP_X),
      y: EDGE + column.length * (HEIGHT + GAP_Y),
    });
    column.push(node);
  }
  const width = 2 * EDGE + columns.length * (WIDTH + GAP_X) - GAP_X;
  const rows = Math.max(1, ...[...columns].map((column) => column?.length ?? 0));
  const height = 2 * EDGE + rows * (HEIGHT + GAP_Y) - GAP_Y;
  const edges = nodes.flatMap(({ name }) =>
    (needed.get(name) ?? []).map((other) => {
      const [from, to] = [places.get(other)!, places.get(name)!];
      const [x1, y1, x2, y2] = [from.x + WIDTH, from.y + HEIGHT / 2, to.x, to.y + HEIGHT / 2];
      const bend = Math.max(GAP_X / 2, (x2 - x1) / 2);
      return `<path d="M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}"/>`;
    })
  );
  const boxes = nodes.map(({ name, state, ms, check }) => {
    const { x, y } = places.get(name)!;
    const failed = check === "failed" || check === "late" ? `, check ${check}` : "";
    const text = `${state}${ms === undefined ? "" : `, ${msText(ms)}`}${failed}`;
    const shown = name.length > LONGEST ? `${name.slice(0, LONGEST - 1)}…` : name;
    return `<g class="is-${escapeHtml(state)}${failed && " is-unwell"}"><title>${
      escapeHtml(`${name}: ${text}`)
    }</title>` +
      `<rect x="${x}" y="${y}" width="${WIDTH}" height="${HEIGHT}" rx="6"/>` +
      `<text x="${x + 10}" y="${y + 19}" class="name">${escapeHtml(shown)}</text>` +
      `<text x="${x + 10}" y="${y + 36}">${escapeHtml(text)}</text></g>`;
  });
  return `<svg class="graph" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" ` +
    `aria-label="The components and what they depend on; the table below says the same">` +
    `<g class="edges">${edges.join("")}</g>${boxes.join("")}</svg>`;
}

/** How many components come before it, one after another. */
function depthOf(
  { dependsOn }: GraphNode,
  byName: ReadonlyMap<string, GraphNode>,
  seen: ReadonlySet<string> = new Set(),
): number {
  const depths = dependsOn.filter((name) => !seen.has(name)).map((name) => {
    const node = byName.get(name);
    return node ? depthOf(node, byName, new Set([...seen, name])) + 1 : 0;
  });
  return Math.max(0, ...depths);
}

/** Its dependencies, without those that others of them depend on already. */
function reduced({ dependsOn }: GraphNode, byName: ReadonlyMap<string, GraphNode>): readonly string[] {
  const there = dependsOn.filter((name) => byName.has(name));
  const indirect = new Set(there.flatMap((name) => [...allBefore(name, byName)]));
  return there.filter((name) => !indirect.has(name));
}

function allBefore(
  name: string,
  byName: ReadonlyMap<string, GraphNode>,
  found: Set<string> = new Set(),
): ReadonlySet<string> {
  for (const other of byName.get(name)?.dependsOn ?? []) {
    if (found.has(other)) continue;
    found.add(other);
    allBefore(other, byName, found);
  }
  return found;
}
