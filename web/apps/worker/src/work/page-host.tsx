/** What the worker app does for the tasks of a page: opening links, notices, translations. */
import type { Assignment } from "@talka/api";
import { StandaloneView } from "@talka/template";
import { Handle, type Notice, textOf } from "@talka/template-core";
import { showToast } from "@talka/ui";

function showNotice({ content, delay, duration }: Notice): void {
  const shown = content instanceof Handle ? <StandaloneView handle={content} /> : textOf(content);
  setTimeout(() => showToast(shown, Math.max(0, duration - delay)), delay);
}

export function pageHost(assignment: Assignment) {
  const texts = new Map(
    assignment.view_spec.localizationConfig?.keys?.map(({ key, defaultValue }) => [key, defaultValue]),
  );
  return {
    assignmentId: assignment.id,
    openLink: (url: string) => void window.open(url, "_blank", "noopener,noreferrer"),
    notify: showNotice,
    translate: (key: string) => texts.get(key),
  };
}
