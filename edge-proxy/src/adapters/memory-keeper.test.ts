import { MemoryKeeper } from './memory-keeper.ts';
import { routeKeeperContract } from './route-keeper.contract.ts';

routeKeeperContract('MemoryKeeper', async () => new MemoryKeeper());
