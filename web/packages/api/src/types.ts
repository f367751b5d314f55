/** Shapes of the HTTP API that the apps use. Dates are UTC text without a zone, money is a number of USD. */

export interface FieldSpec {
  readonly type: string;
  readonly required?: boolean;
  readonly hidden?: boolean;
}

export interface ViewSettings {
  readonly showTimer?: boolean;
  readonly showTitle?: boolean;
  readonly showReward?: boolean;
  readonly showInstructions?: boolean;
  readonly showFullscreen?: boolean;
  readonly showSkip?: boolean;
  readonly showFinish?: boolean;
  readonly showSubmit?: boolean;
}

export interface ViewSpec {
  readonly type: "tb" | "classic";
  readonly config?: string;
  readonly settings?: ViewSettings | null;
  readonly localizationConfig?: { readonly keys?: readonly TranslationKey[] } | null;
}

export interface TranslationKey {
  readonly key: string;
  readonly defaultValue: string;
}

export type Values = Readonly<Record<string, unknown>>;

export interface Task {
  readonly id: string;
  readonly input_values: Values;
}

export interface Solution {
  readonly output_values: Values;
}

export type AssignmentStatus = "ACTIVE" | "SUBMITTED" | "ACCEPTED" | "REJECTED" | "SKIPPED" | "EXPIRED";

export interface Assignment {
  readonly id: string;
  readonly pool_id: string;
  readonly project_id: string;
  readonly status: AssignmentStatus;
  readonly reward: number;
  readonly created: string;
  readonly expires?: string;
  readonly submitted?: string;
  readonly accepted?: string;
  readonly rejected?: string;
  readonly skipped?: string;
  readonly expired?: string;
  readonly public_comment?: string;
  readonly view_spec: ViewSpec;
  readonly output_spec: Readonly<Record<string, FieldSpec>>;
  readonly tasks: readonly Task[];
  readonly solutions?: readonly Solution[];
  /** After a training page with wrong answers: what to know, by task id. */
  readonly hints?: Readonly<Record<string, string>>;
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly has_more: boolean;
}

export interface TaskCard {
  readonly project_id: string;
  readonly pool_id: string;
  readonly title: string;
  readonly description?: string;
  readonly reward_per_assignment: number;
  readonly requester: string;
  readonly may_contain_adult_content?: boolean;
  readonly training?: { readonly pool_id: string; readonly status: string };
  readonly kind: "GENERAL" | "TRAINING" | "EXAM" | "MAP";
  readonly acceptance: "AUTO" | "MANUAL";
  readonly available: boolean;
  readonly unavailable_reason?: string;
  readonly active_assignment_id?: string;
}

export interface Profile {
  readonly first_name?: string | null;
  readonly last_name?: string | null;
  readonly date_of_birth?: string | null;
  readonly gender?: "MALE" | "FEMALE" | "OTHER" | null;
  readonly country?: string | null;
  readonly education?: "BASIC" | "MIDDLE" | "HIGH" | null;
  readonly languages?: readonly string[] | null;
  readonly adult_allowed?: boolean | null;
}

export interface Me {
  readonly user_id: string;
  readonly login: string;
  readonly profile: Profile | null;
  readonly balance: { readonly available: number; readonly on_review: number; readonly blocked: number };
}

export interface Instructions {
  readonly public_name: string;
  readonly public_instructions?: string | null;
}

export interface Earning {
  /** A bonus need not be about a page, nor have a title. */
  readonly assignment_id?: string;
  readonly bonus_id?: string;
  readonly project_id?: string;
  readonly title?: string;
  readonly message?: string;
  readonly amount: number;
  readonly created: string;
  readonly kind: "ASSIGNMENT" | "BONUS";
}

export interface RequesterSession {
  readonly requester_id: string;
  /** By upper-case language code. */
  readonly public_name: string | Readonly<Record<string, string>>;
  readonly balance: number;
}

export interface Project {
  readonly id: string;
  readonly public_name: string;
  readonly public_description?: string;
  readonly private_comment?: string;
  readonly status: "ACTIVE" | "ARCHIVED";
  readonly created: string;
}

export type PoolStatus = "OPEN" | "CLOSED" | "ARCHIVED" | "LOCKED";

export interface Pool {
  readonly id: string;
  readonly project_id: string;
  readonly private_name: string;
  readonly private_comment?: string;
  readonly type?: "REGULAR" | "TRAINING";
  readonly status: PoolStatus;
  readonly last_close_reason?: string;
  readonly last_started?: string;
  readonly last_stopped?: string;
  readonly created: string;
  readonly will_expire?: string;
  readonly reward_per_assignment: number;
  readonly assignment_max_duration_seconds?: number;
  readonly auto_accept_solutions?: boolean;
  readonly auto_accept_period_day?: number;
  readonly priority?: number;
}

export interface PoolSummary {
  readonly tasks: { readonly general: number; readonly control: number; readonly training: number };
  readonly assignments: Readonly<Record<Lowercase<AssignmentStatus>, number>>;
  readonly progress: { readonly done: number; readonly total: number; readonly percent: number };
  readonly spent: number;
  readonly held: number;
  readonly workers: number;
}

export interface ErrorBody {
  readonly request_id?: string;
  readonly code: string;
  readonly message: string;
  readonly payload?: Readonly<Record<string, unknown>> | null;
}
