/* Two phrases frame the action; what follows the second one is a resource, quoted by S3. */
#include "base/iam_denial.h"

#include <string.h>

bool rs_iam_denial_find(const char *text, size_t room, struct rs_iam_denial *out)
{
    static const char verb[] = "is not authorized to perform: ";
    static const char object[] = " on resource: ";
    const char *action = strstr(text, verb);
    const char *behind = action ? strstr(action, object) : NULL;
    if (!behind) {
        return false;
    }
    action += sizeof verb - 1;
    const char *resource = behind + sizeof object - 1;
    resource += *resource == '"' ? 1 : 0;
    *out = (struct rs_iam_denial){{action, (size_t)(behind - action)},
                                  {resource, strcspn(resource, "\", ];")}};
    bool cut = out->resource.data + out->resource.length == text + room - 1;
    return !cut && rs_str_find_byte(out->action, ' ') == SIZE_MAX &&
           rs_str_starts(out->resource, RS_STR("arn:"));
}

bool rs_iam_denial_is_of_key(const struct rs_iam_denial *denial)
{
    return rs_str_starts(denial->action, RS_STR("kms:"));
}
