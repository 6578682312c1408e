// A Worker that makes what it needs on its first request, by itself.
let made: Promise<string> | undefined;

export default {
  async fetch(): Promise<Response> {
    made ??= (async () => "hello")();
    return new Response(await made);
  },
};
