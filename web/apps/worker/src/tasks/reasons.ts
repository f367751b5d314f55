/** Why a task cannot be taken, in words, with what the worker can do about it. */

export interface Reason {
  readonly text: string;
  readonly link?: { readonly to: string; readonly label: string };
}

const PROFILE = (label: string) => ({ to: "/profile", label });

const REASONS: Readonly<Record<string, Reason>> = {
  FILTER: { text: "For workers with other facts in their profile.", link: PROFILE("Check your profile") },
  LANGUAGE: { text: "In a language that is not in your profile.", link: PROFILE("Add a language") },
  ADULT_CONTENT: { text: "May contain adult content.", link: PROFILE("Allow it in your profile") },
  TRAINING: { text: "Pass the training of this task first." },
  EXAM: { text: "Pass the exam of this task first." },
  ACTIVE_ASSIGNMENT: { text: "Finish the page of this project that you have begun first." },
  RESTRICTION: { text: "Not open to you at the moment." },
};

export function reasonText(reason: string | undefined): Reason {
  return REASONS[reason ?? ""] ?? { text: "Not open to you at the moment." };
}
