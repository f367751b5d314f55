/** Where links to a skill lead. */
import { Button } from "@mantine/core";
import { IconCertificate } from "@tabler/icons-react";
import { EmptyState } from "@talka/ui";
import { Link } from "wouter";

export function SkillPage({ id }: { id: string }) {
  return (
    <EmptyState
      icon={IconCertificate}
      title="Skills have no page yet"
      action={
        <Button component={Link} href="/requester/projects">
          All projects
        </Button>
      }
    >
      {`Skill ${id} cannot be shown: pages for skills are not available in this version of Talka.`}
    </EmptyState>
  );
}
