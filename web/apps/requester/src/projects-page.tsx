/** The list of projects. */
import { Button, Code, Stack, Table, Text, TextInput, Title } from "@mantine/core";
import { IconFolderPlus, IconSearch } from "@tabler/icons-react";
import { type Project, requester } from "@talka/api";
import { EmptyState, QueryState, RelativeTime } from "@talka/ui";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useSearchParams } from "wouter";
import classes from "./requester.module.css";
import { StatusBadge } from "./status-badge";

const STEP = 100;

export function ProjectsPage() {
  const [limit, setLimit] = useState(STEP);
  const projects = useQuery({
    queryKey: ["projects", limit],
    queryFn: () => requester.projects(limit),
    placeholderData: keepPreviousData,
    refetchInterval: 15_000,
  });
  return (
    <Stack gap="lg">
      <Title order={1}>Projects</Title>
      <QueryState query={projects}>
        {({ items, has_more }) => (
          <>
            {items.length === 0 ? <NoProjects /> : <ProjectTable projects={items} />}
            {has_more && (
              <Button variant="default" onClick={() => setLimit(limit + STEP)}>
                Show more
              </Button>
            )}
          </>
        )}
      </QueryState>
    </Stack>
  );
}

function NoProjects() {
  return (
    <EmptyState icon={IconFolderPlus} title="No projects yet">
      Create one with <Code>POST /api/v1/projects</Code>, or in Python with{" "}
      <Code>TolokaClient.create_project</Code>. It appears here at once.
    </EmptyState>
  );
}

function ProjectTable({ projects }: { projects: readonly Project[] }) {
  const [params, setParams] = useSearchParams();
  const query = params.get("q") ?? "";
  const shown = projects.filter(({ public_name, id }) =>
    `${public_name} ${id}`.toLowerCase().includes(query.toLowerCase()),
  );
  return (
    <>
      <TextInput
        aria-label="Search projects"
        placeholder="Search by name or id"
        leftSection={<IconSearch size={16} />}
        value={query}
        onChange={({ currentTarget: { value } }) =>
          setParams(value === "" ? {} : { q: value }, { replace: true })
        }
      />
      <div className={classes.panel}>
        <Table
          layout="fixed"
          verticalSpacing="sm"
          withRowBorders={false}
          highlightOnHover
          highlightOnHoverColor="var(--talka-hover)"
        >
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Project</Table.Th>
              <Table.Th w={112}>Status</Table.Th>
              <Table.Th w={144} className={classes.wide}>
                Created
              </Table.Th>
              <Table.Th w={112} ta="end" className={classes.wide}>
                Id
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {shown.map((project) => (
              <Table.Tr key={project.id} data-testid="project-row">
                <Table.Td>
                  <Link href={`/requester/project/${project.id}`} className={classes.name}>
                    {project.public_name}
                  </Link>
                  {project.private_comment && <Text c="dimmed">{project.private_comment}</Text>}
                </Table.Td>
                <Table.Td>
                  <StatusBadge status={project.status} />
                </Table.Td>
                <Table.Td className={classes.wide}>
                  <RelativeTime date={project.created} />
                </Table.Td>
                <Table.Td ta="end" className={`${classes.wide} talka-numbers`} c="dimmed">
                  {project.id}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </div>
    </>
  );
}
