import Sequencer from '@jest/test-sequencer';
import heavyFiles from './heavy-test-files.json' with { type: 'json' };

/**
 * Starts the files that take longest before all others. Jest knows them itself where it has run them before; elsewhere it
 * goes by their size, and the run may end with one worker that waits for the other one's last long file.
 */
export default class HeavyFirstSequencer extends Sequencer {
  sort(tests) {
    const placeOf = ({ path }) => {
      const place = heavyFiles.findIndex((file) => path.endsWith(`/${file}`));
      return place === -1 ? heavyFiles.length : place;
    };
    return super.sort(tests).toSorted((one, other) => placeOf(one) - placeOf(other));
  }
}
