// A custom runtime of AWS Lambda on Bun, as a container image: `docker build examples/lambda_loop`.
import process from "node:process";
import { ProcessBus } from "sitebus";
import { awsLambda, runLambdaLoop } from "sitebus/lambda";

const bus = new ProcessBus({ platform: awsLambda() });

// Stands in for a database.
const books = bus.use({
  name: "books",
  start() {
    console.log("books: open");
    return new Map([["1", "Moby-Dick"], ["2", "Emma"]]);
  },
  stop: () => console.log("books: closed"),
});

process.exitCode = await runLambdaLoop(bus, ({ id }: { readonly id?: string }) => {
  if (id !== undefined) return { title: books.value.get(id) ?? null };
  // Whatever can be iterated is sent piece by piece.
  return titles();
});

async function* titles(): AsyncGenerator<string> {
  for (const title of books.value.values()) yield `${title}\n`;
}
