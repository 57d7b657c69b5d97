/*
 * workload.h - the words, properties and events of the web shop that generate.c plays.
 *
 * Texts are as they stand in JSON: "\\u0026" is an escape that the reader has to undo.
 */
#ifndef BENCH_WORKLOAD_H
#define BENCH_WORKLOAD_H

#include <stddef.h>

#include "rs/compiler.h"

enum { FIELDS_MAX = 10 };

static const char *const products[] = {
    "Linen Shirt",
    "Wool Sweater",
    "Caf\303\251 au lait Mug",
    "Gr\303\266\303\237entabelle",
    "Desk Lamp 40\\\"",
    "Running Shoe",
    "Rain Jacket",
    "\346\263\250\346\226\207",
    "Cotton Socks 3x",
    "Garden Chair",
    "Espresso Maker",
    "Pasta \\u0026 Sauce Set",
    "Notebook A5",
    "Travel Mug",
    "Phone Case",
    "Steel Bottle 0.5l",
    "Yoga Mat",
    "Bike Light",
    "Wireless Mouse",
    "Na\303\257ve Print",
    "Bath Towel",
    "Candle \\/ Fig",
    "Leather Belt",
    "Ski Gloves \342\204\242",
};
static const char *const categories[] = {
    "Apparel", "Home", "Kitchen", "Outdoor", "Sports", "Electronics", "Gifts", "Sale",
};
static const char *const brands[] = {"Nordlicht", "Acme", "Caf\303\251 Noir", "Hill & Sons",
                                     "Aoki"};
static const char *const cities[] = {
    "Berlin",   "S\303\243o Paulo",         "K\303\270benhavn",
    "New York", "\346\235\261\344\272\254", "Lyon",
};
static const char *const queries[] = {
    "running shoes", "lamp \\\"warm\\\"",     "gr\303\274n", "mug",
    "socks\\twool",  "\360\237\216\201 gift", "jacket",      "20% off",
};
static const char *const reviews[] = {
    "Arrived in two days, fits as expected. Would buy again.",
    "Colour is not what the picture shows.\\nStill, good quality for the price.",
    "\\\"Perfect\\\" is what my sister said \360\237\230\200 and she is hard to please.",
    "Schlie\303\237t nicht richtig, zur\303\274ckgeschickt.",
};
static const char *const coupons[] = {"WELCOME10", "SUMMER26", "FREESHIP", "VIP"};
static const char *const agents[] = {
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/124.0.0.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
    "Gecko) Version/17.4 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (X11; Linux x86_64; rv:125.0) Gecko/20100101 Firefox/125.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/17.4.1 Safari/605.1.15",
};
static const char *const locales[] = {"en-US", "de-DE", "fr-FR", "pt-BR", "ja-JP", "en-GB"};
static const char *const zones[] = {
    "America/New_York", "Europe/Berlin", "Europe/Paris", "America/Sao_Paulo", "Asia/Tokyo",
};
static const char *const campaigns[] = {"autumn", "retargeting", "newsletter-41", "brand"};
static const char *const sources[] = {"google", "newsletter", "instagram", "partner"};

static const char *const methods[] = {"email", "google", "card", "paypal", "link"};
static const char *const currencies[] = {"EUR", "USD"};

/* A property of an event: its name, and which values it takes. */
enum value {
    VALUE_END,
    VALUE_PRODUCT_ID,
    VALUE_SKU,
    VALUE_NAME,
    VALUE_CATEGORY,
    VALUE_BRAND,
    VALUE_PRICE,
    VALUE_QUANTITY,
    VALUE_POSITION,
    VALUE_URL,
    VALUE_LIST_ID,
    VALUE_PRODUCTS,
    VALUE_CART_ID,
    VALUE_ORDER_ID, /* an integer past 2^53 */
    VALUE_REVENUE,
    VALUE_DISCOUNT, /* a number, a string, or null */
    VALUE_STEP,     /* an integer, or a string */
    VALUE_COUPON,
    VALUE_CURRENCY,
    VALUE_SHIPPING, /* a nested object */
    VALUE_QUERY,
    VALUE_FILTERS, /* an array of objects */
    VALUE_REVIEW,
    VALUE_RATING,
    VALUE_METHOD,
    VALUE_FIRST, /* a boolean */
    VALUE_DELIVERY,
};

static const char *const value_names[] = {
    [VALUE_PRODUCT_ID] = "product_id",
    [VALUE_SKU] = "sku",
    [VALUE_NAME] = "name",
    [VALUE_CATEGORY] = "category",
    [VALUE_BRAND] = "brand",
    [VALUE_PRICE] = "price",
    [VALUE_QUANTITY] = "quantity",
    [VALUE_POSITION] = "position",
    [VALUE_URL] = "imageUrl",
    [VALUE_LIST_ID] = "listId",
    [VALUE_PRODUCTS] = "products",
    [VALUE_CART_ID] = "cart_id",
    [VALUE_ORDER_ID] = "order_id",
    [VALUE_REVENUE] = "revenue",
    [VALUE_DISCOUNT] = "discount",
    [VALUE_STEP] = "step",
    [VALUE_COUPON] = "coupon",
    [VALUE_CURRENCY] = "currency",
    [VALUE_SHIPPING] = "shipping",
    [VALUE_QUERY] = "query",
    [VALUE_FILTERS] = "filters",
    [VALUE_REVIEW] = "reviewBody",
    [VALUE_RATING] = "rating",
    [VALUE_METHOD] = "method",
    [VALUE_FIRST] = "isFirst",
    [VALUE_DELIVERY] = "deliveryDate",
};

/* What the rows of the table below share. */
#define PRODUCT                                                                                    \
    VALUE_PRODUCT_ID, VALUE_SKU, VALUE_NAME, VALUE_CATEGORY, VALUE_BRAND, VALUE_PRICE, VALUE_URL
#define CART     VALUE_CART_ID, VALUE_PRODUCTS, VALUE_CURRENCY
#define CHECKOUT VALUE_CART_ID, VALUE_STEP, VALUE_METHOD, VALUE_SHIPPING
#define ORDER                                                                                      \
    VALUE_ORDER_ID, VALUE_REVENUE, VALUE_DISCOUNT, VALUE_COUPON, VALUE_CURRENCY, VALUE_PRODUCTS
#define COUPON VALUE_CART_ID, VALUE_COUPON, VALUE_DISCOUNT

struct event {
    const char *name;
    unsigned weight; /* how often, beside the others */
    unsigned char values[FIELDS_MAX];
};

static const struct event events[] = {
    {"Product Viewed", 240, {PRODUCT, VALUE_POSITION}},
    {"Product List Viewed", 110, {VALUE_LIST_ID, VALUE_CATEGORY, VALUE_PRODUCTS}},
    {"Product Clicked", 90, {PRODUCT, VALUE_LIST_ID, VALUE_POSITION}},
    {"Products Searched", 60, {VALUE_QUERY, VALUE_POSITION}},
    {"Product Added", 70, {PRODUCT, VALUE_QUANTITY, VALUE_CART_ID}},
    {"Product Removed", 15, {PRODUCT, VALUE_QUANTITY, VALUE_CART_ID}},
    {"Cart Viewed", 40, {CART}},
    {"Checkout Started", 22, {CART, VALUE_REVENUE, VALUE_COUPON}},
    {"Checkout Step Viewed", 30, {CHECKOUT}},
    {"Checkout Step Completed", 25, {CHECKOUT}},
    {"Payment Info Entered", 14, {CHECKOUT, VALUE_FIRST}},
    {"Order Completed", 16, {ORDER, VALUE_SHIPPING, VALUE_DELIVERY, VALUE_FIRST}},
    {"Order Updated", 5, {ORDER}},
    {"Order Refunded", 3, {ORDER}},
    {"Order Cancelled", 2, {ORDER}},
    {"Coupon Entered", 8, {COUPON}},
    {"Coupon Applied", 6, {COUPON}},
    {"Coupon Denied", 3, {COUPON, VALUE_METHOD}},
    {"Coupon Removed", 2, {COUPON}},
    {"Promotion Viewed", 50, {VALUE_LIST_ID, VALUE_NAME, VALUE_POSITION}},
    {"Promotion Clicked", 12, {VALUE_LIST_ID, VALUE_NAME, VALUE_POSITION}},
    {"Product List Filtered", 28, {VALUE_LIST_ID, VALUE_FILTERS, VALUE_CATEGORY}},
    {"Product Shared", 5, {PRODUCT, VALUE_METHOD}},
    {"Cart Shared", 2, {CART, VALUE_METHOD}},
    {"Product Reviewed", 6, {VALUE_PRODUCT_ID, VALUE_REVIEW, VALUE_RATING}},
    {"Product Added to Wishlist", 12, {PRODUCT}},
    {"Product Removed from Wishlist", 4, {PRODUCT}},
    {"Wishlist Product Added to Cart", 4, {PRODUCT, VALUE_CART_ID}},
    {"Signed Up", 8, {VALUE_METHOD, VALUE_FIRST}},
    {"Signed In", 20, {VALUE_METHOD, VALUE_FIRST}},
    {"Signed Out", 8, {VALUE_METHOD}},
    {"Newsletter Subscribed", 5, {VALUE_METHOD, VALUE_LIST_ID}},
    {"Email Opened", 18, {VALUE_LIST_ID, VALUE_COUPON}},
    {"Video Playback Started", 9, {VALUE_PRODUCT_ID, VALUE_POSITION}},
    {"Video Playback Completed", 5, {VALUE_PRODUCT_ID, VALUE_POSITION}},
    {"Store Locator Used", 4, {VALUE_QUERY, VALUE_SHIPPING}},
    {"Gift Card Redeemed", 2, {VALUE_ORDER_ID, VALUE_PRICE}},
    {"Support Chat Started", 4, {VALUE_QUERY, VALUE_RATING}},
    {"Experiment Viewed", 40, {VALUE_STEP, VALUE_METHOD, VALUE_FIRST}},
    {"Application Opened", 10, {VALUE_URL, VALUE_FIRST}},
};

/* Values that are one of a list of texts. */
struct words {
    const char *const *list;
    size_t count;
};

#define WORDS(list)                                                                                \
    {                                                                                              \
        (list), RS_COUNTOF(list)                                                                   \
    }

static const struct words value_words[] = {
    [VALUE_NAME] = WORDS(products),  [VALUE_CATEGORY] = WORDS(categories),
    [VALUE_BRAND] = WORDS(brands),   [VALUE_LIST_ID] = WORDS(campaigns),
    [VALUE_COUPON] = WORDS(coupons), [VALUE_CURRENCY] = WORDS(currencies),
    [VALUE_QUERY] = WORDS(queries),  [VALUE_REVIEW] = WORDS(reviews),
    [VALUE_METHOD] = WORDS(methods), [VALUE_DELIVERY] = {NULL, 0},
};

#endif
