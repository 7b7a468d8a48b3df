import { MemoryStore } from './memory-store.ts';
import { routeStoreContract } from './route-store.contract.ts';

routeStoreContract('MemoryStore', async () => new MemoryStore());
