/** The look of both apps: one accent colour, neutral greys, a 4-pixel grid, two sizes of text and two of headings. */
import {
  type CSSVariablesResolver,
  createTheme,
  defaultVariantColorsResolver,
  type MantineColorsTuple,
  parseThemeColor,
  type VariantColorsResolver,
} from "@mantine/core";

const baltic: MantineColorsTuple = [
  "#e8f5f8",
  "#d3eaf0",
  "#a6d5e1",
  "#75bfd1",
  "#4eacc3",
  "#369fb9",
  "#1c8aa5",
  "#0f748d",
  "#0b6177",
  "#074b5d",
];

const gray: MantineColorsTuple = [
  "#fafafa",
  "#f3f3f4",
  "#e7e7e9",
  "#d9d9dd",
  "#c1c1c8",
  "#9c9ca6",
  "#6c6c77",
  "#54545e",
  "#3a3a42",
  "#232328",
];

const dark: MantineColorsTuple = [
  "#e4e4e8",
  "#c2c2c9",
  "#9d9da7",
  "#62626c",
  "#45454d",
  "#36363d",
  "#2a2a30",
  "#202025",
  "#17171a",
  "#0f0f11",
];

/** Light variants are a tint of their colour on whatever is below, so they stay calm in the dark as well. */
const variantColors: VariantColorsResolver = (input) => {
  const colors = defaultVariantColorsResolver(input);
  if (input.variant !== "light") return colors;
  const { color } = parseThemeColor({ color: input.color ?? input.theme.primaryColor, theme: input.theme });
  const shade = (index: number) => `var(--mantine-color-${color}-${index})`;
  return {
    ...colors,
    background: `color-mix(in srgb, ${shade(6)} 14%, transparent)`,
    hover: `color-mix(in srgb, ${shade(6)} 22%, transparent)`,
    color: `light-dark(color-mix(in srgb, ${shade(9)} 85%, black), ${shade(2)})`,
  };
};

export const theme = createTheme({
  variantColorResolver: variantColors,
  primaryColor: "baltic",
  primaryShade: { light: 7, dark: 7 },
  colors: { baltic, gray, dark },
  fontFamily: 'Inter, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif',
  fontFamilyMonospace: 'ui-monospace, "SF Mono", Menlo, Consolas, monospace',
  fontSizes: { xs: "12px", sm: "14px", md: "16px", lg: "16px", xl: "20px" },
  lineHeights: { sm: "1.45", md: "1.55" },
  spacing: { xs: "8px", sm: "12px", md: "16px", lg: "24px", xl: "40px" },
  radius: { xs: "4px", sm: "6px", md: "6px", lg: "10px", xl: "16px" },
  defaultRadius: "md",
  headings: {
    fontWeight: "600",
    sizes: { h1: { fontSize: "24px", lineHeight: "1.3" }, h2: { fontSize: "18px", lineHeight: "1.4" } },
  },
  cursorType: "pointer",
  respectReducedMotion: true,
  components: {
    Text: { defaultProps: { size: "sm" } },
    Anchor: { defaultProps: { size: "sm" } },
    Table: { defaultProps: { fz: "sm" } },
    Button: { defaultProps: { size: "sm" } },
    Modal: { defaultProps: { transitionProps: { duration: 120 }, overlayProps: { backgroundOpacity: 0.4 } } },
  },
});

/** Page and surface colours, and greys that keep text readable (contrast of at least 4.5 : 1). */
export const cssVariables: CSSVariablesResolver = (resolved) => ({
  variables: {},
  light: {
    "--talka-page": resolved.colors.gray?.[1] ?? "",
    "--talka-surface": resolved.white,
    "--talka-hover": resolved.colors.gray?.[1] ?? "",
    "--talka-line": resolved.colors.gray?.[2] ?? "",
    "--talka-accent-text": resolved.colors.baltic?.[8] ?? "",
    "--mantine-color-dimmed": resolved.colors.gray?.[6] ?? "",
    "--mantine-color-placeholder": resolved.colors.gray?.[6] ?? "",
    "--mantine-color-error": "#c92a2a",
  },
  dark: {
    "--talka-page": resolved.colors.dark?.[8] ?? "",
    "--talka-surface": resolved.colors.dark?.[7] ?? "",
    "--talka-hover": resolved.colors.dark?.[6] ?? "",
    "--talka-line": resolved.colors.dark?.[5] ?? "",
    "--talka-accent-text": resolved.colors.baltic?.[3] ?? "",
    "--mantine-color-dimmed": resolved.colors.dark?.[2] ?? "",
    "--mantine-color-error": "#ff8787",
  },
});
