/** The one place where the page meets the worker. It starts with the first call, made once the page is painted. */
import { createEngineClient, type EngineClient } from '../../workers/client.ts';

let client: EngineClient | undefined;

/** The engine behind the worker border. */
export function engine(): EngineClient {
  client ??= createEngineClient();
  return client;
}
