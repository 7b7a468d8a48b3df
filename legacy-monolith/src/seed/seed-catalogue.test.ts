import { describe, expect, test } from '@jest/globals';
import { MUSCLE_NAMES } from '@fit/contracts/muscle-groups';
import { readSeedCatalogue } from './seed-catalogue.ts';

describe('the catalogue that comes with the monolith', () => {
  const exercises = readSeedCatalogue();

  test('has at least 120 exercises, none twice', () => {
    expect(exercises.length).toBeGreaterThanOrEqual(120);
    expect(new Set(exercises.map(({ slug }) => slug)).size).toBe(exercises.length);
    expect(new Set(exercises.map(({ name }) => name.toLowerCase())).size).toBe(exercises.length);
  });

  test.each(MUSCLE_NAMES)('works the %s as a primary muscle', (muscle) => {
    const works = exercises.some(({ muscles }) =>
      muscles.some((worked) => worked.isPrimary && worked.muscle === muscle),
    );
    expect(works).toBe(true);
  });

  test('loads nothing where the body is the weight', () => {
    const loaded = exercises.filter(
      ({ equipment, base_weight_kg }) => equipment === 'body weight' && base_weight_kg > 0,
    );
    expect(loaded).toEqual([]);
  });

  test('names no muscle of an exercise twice', () => {
    for (const { muscles } of exercises) {
      expect(new Set(muscles.map(({ muscle }) => muscle)).size).toBe(muscles.length);
    }
  });
});
