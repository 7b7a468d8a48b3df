/**
 * GET /fitness/wod → 200 as the contracts package describes it, written down once more for k6, which resolves no npm
 * packages. Its test holds it against the schema.
 *
 * `must` functions return the first violation as `field: rule`, undefined where there is none.
 */
type Violation = string | undefined;
type Rule = (value: unknown, field: string) => Violation;

const WORKOUT_SIZE = 6;
const BODY_PARTS = ['arms', 'back', 'chest', 'core', 'legs', 'neck', 'shoulders'];
/** RFC 3339 with `Z`; the last day of a month is looked at apart. */
const UTC_INSTANT = /^(\d{4})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?Z$/;

const mustBeText: Rule = (value, field) => (typeof value === 'string' ? undefined : `${field}: must be text`);
const mustBeName: Rule = (value, field) =>
  typeof value === 'string' && value.length > 0 ? undefined : `${field}: must be text that is not empty`;
const mustBeBoolean: Rule = (value, field) =>
  typeof value === 'boolean' ? undefined : `${field}: must be true or false`;
const mustBeBodyPart: Rule = (value, field) =>
  typeof value === 'string' && BODY_PARTS.includes(value)
    ? undefined
    : `${field}: must be one of ${BODY_PARTS.join(', ')}`;
const mustBeInstant: Rule = (value, field) =>
  typeof value === 'string' && isInstant(value) ? undefined : `${field}: must be an RFC 3339 instant in UTC`;

const MUSCLE_GROUP: Record<string, Rule> = {
  id: mustBeWhole(1),
  name: mustBeName,
  body_part: mustBeBodyPart,
  is_primary: mustBeBoolean,
  intensity: mustBeNumber(0, 1),
};

const EXERCISE: Record<string, Rule> = {
  id: mustBeWhole(1),
  name: mustBeName,
  description: mustBeText,
  difficulty: mustBeWhole(1, 5),
  muscle_groups: mustBeListOf(MUSCLE_GROUP, 1),
  suggested_weight: mustBeNumber(0),
  suggested_reps: mustBeWhole(1),
};

const WORKOUT: Record<string, Rule> = {
  exercises: mustBeListOf(EXERCISE, WORKOUT_SIZE, WORKOUT_SIZE),
  generated_at: mustBeInstant,
};

/**
 * The first way in which a body is not a workout of the day; undefined if it is one. Stricter than the schema in one
 * point, which a schema cannot say: no exercise comes twice.
 *
 * @param body parsed JSON
 */
export function workoutViolation(body: unknown): Violation {
  return mustHave(WORKOUT, body, 'workout') ?? repeatedExercise((body as { exercises: { id: number }[] }).exercises);
}

function repeatedExercise(exercises: readonly { id: number }[]): Violation {
  const ids = exercises.map(({ id }) => id);
  return new Set(ids).size === ids.length ? undefined : `exercises: must be different ones, received ids ${ids.join()}`;
}

/** Exactly these fields, each by its rule. */
function mustHave(fields: Record<string, Rule>, value: unknown, field: string): Violation {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return `${field}: must be an object`;
  const unknown = Object.keys(value).find((name) => !Object.hasOwn(fields, name));
  if (unknown !== undefined) return `${field}.${unknown}: must not be there`;
  for (const [name, rule] of Object.entries(fields)) {
    const violation = rule((value as Record<string, unknown>)[name], `${field}.${name}`);
    if (violation !== undefined) return violation;
  }
  return undefined;
}

function mustBeListOf(fields: Record<string, Rule>, min: number, max = Infinity): Rule {
  return (value, field) => {
    if (!Array.isArray(value)) return `${field}: must be a list`;
    if (value.length < min || value.length > max) {
      return `${field}: must have ${max === min ? min : `at least ${min}`}, received ${value.length}`;
    }
    for (const [index, item] of value.entries()) {
      const violation = mustHave(fields, item, `${field}[${index}]`);
      if (violation !== undefined) return violation;
    }
    return undefined;
  };
}

function mustBeNumber(min: number, max = Infinity): Rule {
  return (value, field) =>
    typeof value === 'number' && Number.isFinite(value) && value >= min && value <= max
      ? undefined
      : `${field}: must be a number ${range(min, max)}`;
}

function mustBeWhole(min: number, max = Number.MAX_SAFE_INTEGER): Rule {
  return (value, field) =>
    Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max
      ? undefined
      : `${field}: must be a whole number ${range(min, max)}`;
}

function range(min: number, max: number): string {
  return max < Number.MAX_SAFE_INTEGER ? `from ${min} to ${max}` : `of at least ${min}`;
}

function isInstant(text: string): boolean {
  const [, year, month, day] = UTC_INSTANT.exec(text)?.map(Number) ?? [];
  if (year === undefined || month === undefined || day === undefined) return false;
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const lastDay = month === 2 ? (isLeap ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31;
  return day <= lastDay;
}
