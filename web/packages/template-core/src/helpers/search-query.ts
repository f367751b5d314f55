/** `helper.search-query`: the address of a search engine's results for a text. */
import { type HelperDefinition, textOf } from "../context";
import { isObject } from "../json";

const ENGINES: Readonly<Record<string, (query: string) => string>> = {
  yandex: (query) => `https://yandex.ru/search/?text=${query}`,
  google: (query) => `https://www.google.ru/search?q=${query}`,
  bing: (query) => `https://www.bing.com/search?q=${query}`,
  "mail.ru": (query) => `https://go.mail.ru/search?q=${query}`,
  wikipedia: (query) => `https://ru.wikipedia.org/wiki/${query}`,
  "yandex/collections": (query) => `https://yandex.ru/collections/search/boards/?text=${query}`,
  "yandex/video": (query) => `https://yandex.ru/video/search?text=${query}`,
  "yandex/images": (query) => `https://yandex.ru/images/search?text=${query}`,
  "google/images": (query) => `https://www.google.ru/search?q=${query}&tbm=isch`,
  "yandex/news": (query) => `https://news.yandex.ru/yandsearch?text=${query}&rpt=nnews2`,
  "google/news": (query) => `https://news.google.com/search?q=${query}&tbm=nws`,
};

export const searchQuery: HelperDefinition = {
  type: "helper.search-query",
  evaluate(props, context) {
    const query = encodeURIComponent(textOf(context.value(props.query)));
    const engine = context.value(props.engine);
    const options = isObject(engine) ? engine : { name: engine };
    const address = ENGINES[textOf(options.name)];
    if (!address) return query;
    const region =
      options.regionId === undefined ? "" : `&lr=${encodeURIComponent(textOf(options.regionId))}`;
    const family =
      options.family === undefined ? "" : `&family=${encodeURIComponent(textOf(options.family))}`;
    return address(query) + region + family;
  },
};
