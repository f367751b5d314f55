/** Codes of countries (ISO 3166-1) and languages (ISO 639-1) with their English names. */

const COUNTRIES =
  "AD AE AF AG AI AL AM AO AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BW BY BZ CA CC CD CF " +
  "CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF " +
  "GG GH GI GL GM GN GP GQ GR GT GU GW GY HK HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP " +
  "KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA " +
  "NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH " +
  "SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE " +
  "VG VI VN VU WF WS YE YT ZA ZM ZW";

const LANGUAGES =
  "AF AM AR AZ BE BG BN BS CA CS CY DA DE EL EN ES ET EU FA FI FR GA GL GU HA HE HI HR HU HY ID IG IS IT JA KA KK KM KN " +
  "KO KY LO LT LV MK ML MN MR MS MY NE NL NO PA PL PS PT RO RU SI SK SL SO SQ SR SV SW TA TE TG TH TK TL TR UK UR UZ VI " +
  "YO ZH ZU";

export interface Choice {
  readonly value: string;
  readonly label: string;
}

function choices(codes: string, type: "region" | "language"): Choice[] {
  const names = new Intl.DisplayNames(["en"], { type });
  const nameOf = (code: string): string => names.of(type === "language" ? code.toLowerCase() : code) ?? code;
  return codes
    .split(" ")
    .map((value) => ({ value, label: nameOf(value) }))
    .sort((a, b) => a.label.localeCompare(b.label));
}

export const countries = choices(COUNTRIES, "region");
export const languages = choices(LANGUAGES, "language");
