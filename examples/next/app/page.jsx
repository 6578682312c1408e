// Rendered for each request, and not when it is built.
export const dynamic = "force-dynamic";

export default function Page() {
  return <h1>Hello from Next.js, {globalThis.orders.length} orders</h1>;
}
