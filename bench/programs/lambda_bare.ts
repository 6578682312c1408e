// A function of AWS Lambda.
export const handler = async (event: unknown): Promise<unknown> => event;
