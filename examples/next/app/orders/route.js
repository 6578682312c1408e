export async function POST(request) {
  const { item } = await request.json();
  globalThis.orders.push(item);
  return Response.json(globalThis.orders, { status: 201 });
}
