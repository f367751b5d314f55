/** A question before something is given up, that names what will happen. */
import { Button, Group, Modal, Text } from "@mantine/core";

interface ConfirmProps {
  opened: boolean;
  title: string;
  text: string;
  keep: string;
  lose: string;
  onKeep: () => void;
  onLose: () => void;
  onClose: () => void;
}

export function Confirm({ opened, title, text, keep, lose, onKeep, onLose, onClose }: ConfirmProps) {
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      centered
      title={<Text fw={600}>{title}</Text>}
      closeButtonProps={{ "aria-label": "Stay here" }}
    >
      <Text>{text}</Text>
      <Group justify="flex-end" mt="lg" gap="xs">
        <Button variant="default" onClick={onLose}>
          {lose}
        </Button>
        <Button data-autofocus onClick={onKeep}>
          {keep}
        </Button>
      </Group>
    </Modal>
  );
}
